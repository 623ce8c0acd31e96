// Learns the merges of byte-level BPE (Sennrich et al. 2016): the pair of neighbours that occurs most often becomes a
// piece, again and again. The order is that of the trainer of Hugging Face's tokenizers, so both learn the same from
// the same texts. The pair with most occurrences comes first; among equals the one whose left piece is older, then the
// one whose right piece is. The oldest pieces are the bytes, in the order of their printable characters; the others
// follow as they were learnt.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "kilm/tokenizer/tokenizer.h"

namespace kilm::tokenizer {

class TokenizerTrainer {
 public:
  // Counts the words of a text. Words do not reach across texts; of a file each line with its line end is one.
  void add(std::string_view text);

  // Gives ids to <s> <pad> </s> <unk>, the 256 bytes, the learnt pieces, <mask>. They are fewer than vocab_size if the
  // texts give no more pairs. Throws UsageError if vocab_size leaves no room for the bytes, Error if the texts hold no
  // words.
  Tokenizer train(int64_t vocab_size) const;

 private:
  std::unordered_map<std::string, int64_t> words_;  // and how often each occurs
};

}  // namespace kilm::tokenizer
