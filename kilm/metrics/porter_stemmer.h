// Porter's stemmer of English words (An algorithm for suffix stripping, 1980) with the extensions of nltk, which
// rouge-score and nltk's METEOR use: a short table of irregular words, words of up to two letters as they are, "ies"
// and "ied" after one letter, y behind a consonant only, "alli", "fulli", "bli" and "logi", and a vowel with a
// consonant as a whole word.
#pragma once

#include <string>
#include <string_view>

namespace kilm::metrics {

// Returns the stem of a word in lower case. Any character that is no vowel of English counts as a consonant.
std::string porter_stem(std::string_view word);

}  // namespace kilm::metrics
