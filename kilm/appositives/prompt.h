// What a model reads to say who or what a name is.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kilm/evaluation/readers/appositives.h"
#include "kilm/tokenizer/tokenizer.h"

namespace kilm::appositives {

enum class PromptStyle : uint8_t {
  kilm,  // <ent>name</ent> ... <ent_desc><mask></ent_desc>, as the objective marks a mention
  bart,  // name ... <mask>
};
inline constexpr PromptStyle kPromptStyles[] = {PromptStyle::kilm, PromptStyle::bart};
const char* name(PromptStyle style);

struct PromptOptions {
  PromptStyle style = PromptStyle::kilm;
  bool facts = false;        // whether the source ends in the first fact that the true phrase uses
  int64_t max_source = 824;  // tokens; what stands before the mask has half of them, with it
};

struct AppositivePrompt {
  std::vector<int32_t> source;
  std::vector<int32_t> prefix;  // of the decoder: </s> and the source up to the mask
  std::string after;            // the text behind the slot, without facts
  int64_t after_tokens = 0;     // of it in the source
};

// Makes a prompt of the sentences around the slot: previous, the item's own, next, and with options.facts
// `<sep> property value`, and `<sep> qualifier` where there is one. Too much text loses tokens from its beginning, then
// from its end. For the style kilm the item must have name_begin(), and the tokenizer the five tokens.
AppositivePrompt appositive_prompt(const tokenizer::Tokenizer& tokenizer, const evaluation::Appositive& item,
                                   const PromptOptions& options);

}  // namespace kilm::appositives
