// How right answers are, and what is counted of all of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kilm/predictions/rows.h"
#include "tensor/base/json.h"

namespace kilm::answering {

// What makes two answers the same: their form in the script of SQuAD or of TriviaQA (metrics/answer.h), or that a
// pattern is found in the prediction (text/pattern.h).
enum class Normalization : uint8_t { squad, triviaqa, regex };
inline constexpr Normalization kNormalizations[] = {Normalization::squad, Normalization::triviaqa,
                                                    Normalization::regex};
const char* name(Normalization normalization);

struct AnswerScore {
  double exact_match = 0;
  std::optional<double> f1;  // nothing where answers are patterns
};

// Returns the best over the answers. Throws Error for one that is no pattern where it should be.
AnswerScore score_answer(std::string_view prediction, std::span<const std::string> answers,
                         Normalization normalization);

// Of all questions.
struct QuestionCounts {
  int64_t questions = 0;
  double exact_match = 0, f1 = 0;  // sums
  bool has_f1 = true;
  int64_t short_of_shots = 0;  // that have fewer shots than were asked for
  int64_t same_question = 0;   // that are, in SQuAD's form, one of their shots

  void add(const predictions::Question& row, std::span<const std::string> shots, int64_t wanted_shots);
  // Returns {"questions", "exact_match", "f1", "short_of_shots", "same_question"}, means and counts.
  base::Json to_json() const;
};

}  // namespace kilm::answering
