// Measures of generated text against the text that was wanted.
#pragma once

#include <string_view>

namespace kilm::evaluation {

// ROUGE-L (Lin 2004) as the rouge-score package computes it without its stemmer: the F1 of the longest common
// subsequence of words. Words are runs of a-z and 0-9, once ASCII letters are lower case. 0 if there are none.
double rouge_l(std::string_view prediction, std::string_view reference);

}  // namespace kilm::evaluation
