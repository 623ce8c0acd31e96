// What a model is given to answer a question (docs/formats.md, Questions): the question with <mask> in the place of the
// answer for the encoder, and for the decoder what comes before the answer. Shots, which are questions with their
// answers, may stand before it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "kilm/bart/config.h"
#include "kilm/generation/generate.h"
#include "kilm/tokenizer/tokenizer.h"

namespace kilm::answering {

// How question and answer are announced, by the numbers of the authors' code:
//   1  "Question: ", "Answer: "    2  "Question: ", "Answer:"    3  "Q: ", "A: "    4  "Q: ", "A:"
enum class Method : uint8_t { first = 1, second, third, fourth };
inline constexpr Method kMethods[] = {Method::first, Method::second, Method::third, Method::fourth};
const char* name(Method method);  // "1" to "4"

struct Triggers {
  std::string_view question, answer;
};
Triggers triggers(Method method);

struct Shot {
  std::string_view question, answer;
};

struct PromptOptions {
  Method method = Method::first;
  bool prefix_space = false;  // of the tokenizer
  int64_t longest = 974;      // tokens of a source, at least 4
};

// Returns 974, which leaves 50 of BART's positions for the answer. Models of fewer positions leave 50, or half of them.
int64_t longest_prompt(const bart::BartConfig& config);

// Returns the source <s> Q A <mask> </s> and the prefix </s> <s> " Q A". A question without ? at its end gets one. Text
// that is too long loses tokens from its begin.
generation::GenerateRequest zero_shot_prompt(const tokenizer::Tokenizer& tokenizer, std::string_view question,
                                             const PromptOptions& options);

// Returns the last tokens of the source <s> shots, question and <mask> </s>, joined by " \n\n ", and as prefix </s> and
// the source without its last two.
generation::GenerateRequest few_shot_prompt(const tokenizer::Tokenizer& tokenizer, std::span<const Shot> shots,
                                            std::string_view question, const PromptOptions& options);

// Returns the answer in what was generated: special tokens are left out, it ends before the first line feed and before
// the next question, and has no white space at its ends. Bytes that are no character are U+FFFD.
std::string answer_in(const tokenizer::Tokenizer& tokenizer, std::span<const int32_t> generated, Method method);

}  // namespace kilm::answering
