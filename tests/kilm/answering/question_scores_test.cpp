#include "kilm/answering/question_scores.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"

using namespace kilm::answering;
using doctest::Approx;

namespace {

AnswerScore score(std::string_view prediction, std::vector<std::string> answers, Normalization normalization) {
  return score_answer(prediction, answers, normalization);
}

}  // namespace

TEST_CASE("answers are scored by the best of those that are right") {
  const AnswerScore squad = score("The river Rhine", {"Danube", "rhine river bank"}, Normalization::squad);
  CHECK(squad.exact_match == 0);
  CHECK(*squad.f1 == Approx(2 * 1.0 * (2.0 / 3) / (1 + 2.0 / 3)));
  CHECK(score("the Rhine!", {"Danube", "rhine"}, Normalization::squad).exact_match == 1);
  CHECK(score("x-y", {"xy"}, Normalization::squad).exact_match == 1);
  CHECK(score("x-y", {"xy"}, Normalization::triviaqa).exact_match == 0);
  CHECK(score("x-y_‘z’", {"x y z"}, Normalization::triviaqa).exact_match == 1);
}

TEST_CASE("a pattern is found or not, and has no F1") {
  const AnswerScore found = score("about 8,848 m", {"29,?029", "8,?848\\s*M"}, Normalization::regex);
  CHECK(found.exact_match == 1);
  CHECK(!found.f1);
  CHECK(score("9000 m", {"8,?848\\s*m"}, Normalization::regex).exact_match == 0);
  CHECK_THROWS_AS(score("x", {"(x"}, Normalization::regex), base::Error);
}

TEST_CASE("counts are means, questions short of shots, and those that are one of their shots") {
  QuestionCounts counts;
  kilm::predictions::Question row{.id = 1, .question = "Who is the king?", .exact_match = 1, .f1 = 1.0};
  counts.add(row, std::vector<std::string>{"when", "who is a king"}, 2);
  row.exact_match = 0;
  row.f1 = 0.5;
  row.question = "where";
  counts.add(row, std::vector<std::string>{"who is a king"}, 2);
  CHECK(counts.to_json().dump() ==
        R"({"questions": 2, "exact_match": 0.5, "f1": 0.75, "short_of_shots": 1, "same_question": 1})");
  row.f1.reset();
  counts.add(row, {}, 0);
  CHECK(counts.to_json().at("f1").is_null());
}
