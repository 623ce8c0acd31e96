// A tokenizer that needs no files of others.
#pragma once

#include "kilm/tokenizer/tokenizer.h"
#include "tests/kilm/vocabulary_files.h"

inline kilm::tokenizer::Tokenizer small_tokenizer() {
  const Folder folder;
  write_small_vocabulary(folder);
  return kilm::tokenizer::Tokenizer::load(folder.path);
}

inline kilm::tokenizer::Tokenizer tokenizer_of_kilm() {
  kilm::tokenizer::Tokenizer tokenizer = small_tokenizer();
  tokenizer.add_kilm_tokens();
  return tokenizer;
}
