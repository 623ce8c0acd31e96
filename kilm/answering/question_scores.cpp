#include "kilm/answering/question_scores.h"

#include <algorithm>
#include <cmath>

#include "kilm/metrics/answer.h"
#include "kilm/text/pattern.h"

namespace kilm::answering {

const char* name(Normalization normalization) {
  switch (normalization) {
    case Normalization::squad: return "squad";
    case Normalization::triviaqa: return "triviaqa";
    case Normalization::regex: return "regex";
  }
  return "";
}

AnswerScore score_answer(std::string_view prediction, std::span<const std::string> answers,
                         Normalization normalization) {
  AnswerScore best;
  for (const std::string& answer : answers) {
    if (normalization == Normalization::regex) {
      best.exact_match = std::max<double>(best.exact_match, text::Pattern(answer).is_found_in(prediction));
      continue;
    }
    const metrics::AnswerForm form =
        normalization == Normalization::squad ? metrics::AnswerForm::squad : metrics::AnswerForm::triviaqa;
    best.exact_match = std::max<double>(best.exact_match, metrics::exact_match(prediction, answer, form));
    best.f1 = std::max(best.f1.value_or(0), metrics::f1(prediction, answer, form));
  }
  return best;
}

void QuestionCounts::add(const predictions::Question& row, std::span<const std::string> shots, int64_t wanted_shots) {
  ++questions;
  exact_match += row.exact_match;
  f1 += row.f1.value_or(0);
  has_f1 = has_f1 && row.f1;
  short_of_shots += int64_t(shots.size()) < wanted_shots;
  const std::string question = metrics::normalized_answer(row.question);
  same_question +=
      std::ranges::any_of(shots, [&](const std::string& shot) { return metrics::normalized_answer(shot) == question; });
}

base::Json QuestionCounts::to_json() const {
  base::Json json = base::Json::object({{"questions", questions}, {"exact_match", exact_match / double(questions)}});
  json.set("f1", has_f1 ? base::Json(f1 / double(questions)) : base::Json());
  json.set("short_of_shots", short_of_shots);
  json.set("same_question", same_question);
  return json;
}

}  // namespace kilm::answering
