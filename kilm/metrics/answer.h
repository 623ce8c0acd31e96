// Answers to questions as the scripts of SQuAD v1.1 (Rajpurkar et al. 2016) and of TriviaQA (Joshi et al. 2017) compare
// them.
#pragma once

#include <string>
#include <string_view>

namespace kilm::metrics {

// Which script. To squad, ASCII punctuation is nothing. To triviaqa it is a space, and so are the quotes ‘ ’ ´.
enum class AnswerForm { squad, triviaqa };

// Returns an answer in lower case without punctuation, then without a, an and the, with one space between words.
std::string normalized_answer(std::string_view text, AnswerForm form = AnswerForm::squad);

// Tells whether both are the same once they are normalized; nothing is the same as nothing.
bool exact_match(std::string_view prediction, std::string_view reference, AnswerForm form = AnswerForm::squad);

// Returns the F1 of the words that both have, each as often as it is in both; 0 if there are none.
double f1(std::string_view prediction, std::string_view reference, AnswerForm form = AnswerForm::squad);

}  // namespace kilm::metrics
