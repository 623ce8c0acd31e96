// What a model reads of a cloze.
#pragma once

#include <cstdint>
#include <vector>

#include "kilm/evaluation/readers/clozes.h"
#include "kilm/tokenizer/tokenizer.h"

namespace kilm::probing {

// The source is <s> left <mask> right </s>, the decoder's prefix </s> <s> left. A space at the end of the left part is
// of the word that follows.
struct ClozePrompt {
  std::vector<int32_t> source, prefix;
  bool space = false;  // whether the word has a space in front
};

struct PromptOptions {
  bool prefix_space = false;  // left and right part, and a word at the start, get a space in front if they have none
  int64_t positions = 1024;   // that the model has
};

// Returns the tokens that a word may have behind the shortest prefix.
inline int64_t longest_word(const PromptOptions& options) { return options.positions - 1; }

// Makes a prompt behind which words of up to `longest` tokens fit. Too long a sentence loses tokens from the far end of
// its longer side. Throws Error if the model has no room for the words alone.
ClozePrompt cloze_prompt(const tokenizer::Tokenizer& tokenizer, const evaluation::MaskedSentence& sentence,
                         int64_t longest, const PromptOptions& options);

}  // namespace kilm::probing
