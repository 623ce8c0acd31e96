// A tokenizer that needs no files of others.
#pragma once

#include "kilm/tokenizer/tokenizer.h"
#include "tests/kilm/vocabulary_files.h"

inline kilm::Tokenizer small_tokenizer() {
  const Folder folder;
  write_small_vocabulary(folder);
  return kilm::Tokenizer::load(folder.path);
}

inline kilm::Tokenizer tokenizer_of_kilm() {
  kilm::Tokenizer tokenizer = small_tokenizer();
  tokenizer.add_kilm_tokens();
  return tokenizer;
}
