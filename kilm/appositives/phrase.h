// The phrase in what a model said behind a prompt, and texts as they are compared.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "kilm/appositives/prompt.h"

namespace kilm::appositives {

// Stands for a phrase without a word, on both sides: whoever rightly says nothing is right.
inline constexpr const char* kEmpty = "<EMPTY>";

// Returns the text without the spaces that tokens of newspapers have around marks and in contractions, as Transformers'
// clean_up_tokenization_spaces does: "Ann 's , here ." becomes "Ann's, here.". White space at both ends goes, too.
std::string cleaned_up(std::string_view text);

// Returns a true phrase as it is compared: cleaned up, kEmpty for none.
std::string comparable(std::string_view phrase);

// Returns the phrase among the tokens behind a prompt's prefix, as it is compared. With the style kilm it ends at
// </ent_desc>. A plain model goes on with what stands behind the slot: the phrase ends where its first ten characters
// come, else as many tokens before the end as that text has. A title in front, up to the last <sep>, is no part of it.
std::string phrase_of(const tokenizer::Tokenizer& tokenizer, const AppositivePrompt& prompt, PromptStyle style,
                      std::span<const int32_t> generated);

}  // namespace kilm::appositives
