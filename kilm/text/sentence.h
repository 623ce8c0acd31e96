// Prose to sentences, by rules that need no model: a full stop ends a sentence unless it shortens a word, stands inside
// of parentheses or is followed by what begins none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kilm::text {

// Where the sentences of `text` end: behind the full stop and closing quotes; the last one at the end of the text.
// White space between two belongs to the second.
std::vector<size_t> sentence_ends(std::string_view text);

// The first sentence, trimmed; all of the text if no sentence ends in it.
std::string first_sentence(std::string_view text);

}  // namespace kilm::text
