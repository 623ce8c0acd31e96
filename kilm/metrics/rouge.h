// ROUGE (Lin 2004) as the rouge-score package computes it. Of a pair of texts each measure is the F1, 0 if they have
// nothing in common.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kilm::metrics {

enum class Stemming { none, porter };

// Returns the words of a text: runs of a-z and 0-9 once it is in lower case; with Porter's stemmer those of more than
// three characters as their stems.
std::vector<std::string> rouge_words(std::string_view text, Stemming stemming);

// Returns ROUGE-N: of runs of n words, each as often as it is in both.
double rouge_n(const std::vector<std::string>& prediction, const std::vector<std::string>& reference, size_t n);
// Returns ROUGE-L: of the longest common subsequence of words.
double rouge_l(const std::vector<std::string>& prediction, const std::vector<std::string>& reference);
double rouge_l(std::string_view prediction, std::string_view reference, Stemming stemming);

}  // namespace kilm::metrics
