// Generated tokens as text for people.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "kilm/tokenizer/tokenizer.h"

namespace kilm::tokenizer {

// Returns the text of tokens. Special ones, which a model may generate anywhere, are left out: those that Transformers
// leaves out, as <s>, <unk> and <mask>, those of KILM, and ids that the tokenizer does not have. The text may end
// within a character.
std::string plain_text(const Tokenizer& tokenizer, std::span<const int32_t> ids);

}  // namespace kilm::tokenizer
