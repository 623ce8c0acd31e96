// GPT-2's cut of a text into words before byte pairs are merged. Words are contractions; letters, numbers or other
// signs, with a space in front if there is one; and runs of white space. The last character of such a run goes to the
// word behind it.
#pragma once

#include <functional>
#include <string_view>

namespace kilm::tokenizer {

// Calls f(word) for the words of `text` in order; together they are the text. Bytes that are not UTF-8 count as signs.
void for_words(std::string_view text, const std::function<void(std::string_view)>& f);

// Counts the bytes of white space at the beginning of the text; the next one, at its end.
size_t leading_space(std::string_view text);
size_t trailing_space(std::string_view text);

}  // namespace kilm::tokenizer
