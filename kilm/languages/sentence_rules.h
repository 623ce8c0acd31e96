// What the full stop shortens in each language: abbreviations, ordinal numbers, and the words that begin a new sentence
// behind them all the same.
#pragma once

#include <string_view>

#include "kilm/text/sentence.h"

namespace kilm::languages {

// Finds them by the code of a wiki's language, as "de"; those of English for a language that is not known. They live as
// long as the program.
const text::SentenceRules& sentence_rules(std::string_view language);

}  // namespace kilm::languages
