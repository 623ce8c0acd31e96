#include "kilm/probing/prompt.h"

#include <algorithm>

#include "tensor/base/format.h"

namespace kilm::probing {

ClozePrompt cloze_prompt(const tokenizer::Tokenizer& tokenizer, const evaluation::MaskedSentence& sentence,
                         int64_t longest, const PromptOptions& options) {
  std::string_view text = sentence.left;
  ClozePrompt prompt{.space = text.ends_with(' ') || (text.empty() && options.prefix_space)};
  if (text.ends_with(' ')) text.remove_suffix(1);
  const auto encode = [&](std::string_view part) {
    return part.empty() ? std::vector<int32_t>{} : tokenizer.encode(part, {.prefix_space = options.prefix_space});
  };
  const std::vector<int32_t> left = encode(text), right = encode(sentence.right);

  // The prefix has two tokens more than the left part, and the last token of a word is not decoded.
  const int64_t room_of_prefix = longest_word(options) - longest, room_of_source = options.positions - 3;
  base::check(room_of_prefix >= 0 && room_of_source >= 0,
              "cloze: a candidate has {} tokens; behind a prefix of 2 the model has {} positions", longest,
              options.positions);
  int64_t before = std::min(std::ssize(left), room_of_prefix), behind = std::ssize(right);
  while (before + behind > room_of_source) --(before > behind ? before : behind);

  prompt.source = {tokenizer.bos()};
  prompt.source.insert(prompt.source.end(), left.end() - before, left.end());
  prompt.prefix = {tokenizer.eos()};
  prompt.prefix.insert(prompt.prefix.end(), prompt.source.begin(), prompt.source.end());
  prompt.source.push_back(tokenizer.mask());
  prompt.source.insert(prompt.source.end(), right.begin(), right.begin() + behind);
  prompt.source.push_back(tokenizer.eos());
  return prompt;
}

}  // namespace kilm::probing
