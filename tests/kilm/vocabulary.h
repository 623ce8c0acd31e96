// A tokenizer that needs no files of others.
#pragma once

#include "kilm/tokenizer/tokenizer.h"
#include "tests/kilm/vocabulary_files.h"

inline kilm::Tokenizer small_tokenizer() {
  const Folder folder;
  write_small_vocabulary(folder);
  return kilm::Tokenizer::load(folder.path);
}
