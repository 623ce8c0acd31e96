// Answers to questions as the script of SQuAD v1.1 compares them (Rajpurkar et al. 2016).
#pragma once

#include <string>
#include <string_view>

namespace kilm::metrics {

// Returns an answer in lower case without ASCII punctuation, then without a, an and the, with one space between words.
std::string normalized_answer(std::string_view text);

// Tells whether both are the same once they are normalized; nothing is the same as nothing.
bool exact_match(std::string_view prediction, std::string_view reference);

// Returns the F1 of the words that both have, each as often as it is in both; 0 if there are none.
double f1(std::string_view prediction, std::string_view reference);

}  // namespace kilm::metrics
