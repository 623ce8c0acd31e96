#include "kilm/predictions/scores.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "tensor/base/error.h"

using doctest::Approx;
using namespace kilm::predictions;

namespace {

Mention mention(const std::string& document, std::optional<std::string> gold, std::optional<std::string> predicted,
                std::vector<std::string> candidates) {
  Mention row{.id = 1, .document = document, .mention = "m", .gold = gold, .predicted = predicted, .candidates = {}};
  for (const std::string& title : candidates) row.candidates.push_back({title, 0});
  return row;
}

Cloze cloze(const std::string& relation, int64_t rank) {
  return {.relation = relation, .subject = "s", .gold = "g", .rank = rank, .predicted = "p"};
}

Example label(int64_t prediction, int64_t reference) { return {prediction, reference, std::vector<double>{0, 1}}; }
Example number(double prediction, double reference) { return {prediction, reference, std::vector<double>{prediction}}; }

std::map<std::string, double> values(const Scores& scores, const std::vector<double>& times) {
  const std::vector<double> numbers = scores.measure(times);
  REQUIRE(numbers.size() == scores.names.size());
  std::map<std::string, double> result;
  for (size_t i = 0; i < numbers.size(); ++i) result[scores.names[i]] = numbers[i];
  return result;
}

}  // namespace

TEST_CASE("scores of mentions: over all, and the mean of documents that have a prediction") {
  const std::vector<Row> rows = {
      mention("one", "A", "A", {"A", "B"}),  // right
      mention("two", "C", "D", {"D", "C"}),  // wrong
      mention("one", "E", "F", {"F"}),       // gold is no candidate
      mention("one", "G", std::nullopt, {}),    mention("three", "H", std::nullopt, {}),
      mention("two", std::nullopt, "X", {"X"}),  // left out
  };
  const Scores scores = scores_of(rows);
  CHECK(scores.documents == 3);
  CHECK(scores.has_documents);
  auto given = values(scores, {1, 1, 1});
  CHECK(given["accuracy"] == Approx(1.0 / 2));
  CHECK(given["micro_precision"] == Approx(1.0 / 3));
  CHECK(given["micro_recall"] == Approx(1.0 / 5));
  CHECK(given["micro_f1"] == Approx(2.0 * 1 / (3 + 5)));
  CHECK(given["macro_f1"] == Approx((2.0 / (2 + 3) + 0) / 2));
  given = values(scores, {2, 0, 1});
  CHECK(given["accuracy"] == 1);
  CHECK(given["micro_recall"] == Approx(2.0 / 7));
  CHECK(given["macro_f1"] == Approx(2.0 / 5));
}

TEST_CASE("scores of questions: exact_match, and f1 where every question has one") {
  Question right{.id = 1, .question = "q", .prediction = "p", .answers = {"p"}, .exact_match = 1, .f1 = 1.0};
  Question half{.id = 2, .question = "q", .prediction = "p", .answers = {"x"}, .exact_match = 0, .f1 = 0.5};
  auto given = values(scores_of({right, half}), {1, 1});
  CHECK(given == std::map<std::string, double>{{"exact_match", 0.5}, {"f1", 0.75}});
  CHECK(values(scores_of({right, half}), {0, 2})["f1"] == 0.5);
  half.f1.reset();
  CHECK(scores_of({right, half}).names == std::vector<std::string>{"exact_match"});
}

TEST_CASE("scores of clozes: over facts, and the mean over relations") {
  const Scores scores = scores_of({cloze("P1", 1), cloze("P1", 4), cloze("P1", 20), cloze("P2", 2)});
  auto given = values(scores, {1, 1, 1, 1});
  CHECK(given["precision_at_1"] == Approx(1.0 / 4));
  CHECK(given["precision_at_10"] == Approx(3.0 / 4));
  CHECK(given["mrr"] == Approx((1 + 0.25 + 0.05 + 0.5) / 4));
  CHECK(given["macro_precision_at_1"] == Approx((1.0 / 3 + 0) / 2));
  CHECK(given["macro_precision_at_10"] == Approx((2.0 / 3 + 1) / 2));
  CHECK(given["macro_mrr"] == Approx((1.3 / 3 + 0.5) / 2));
  CHECK(values(scores, {2, 0, 0, 0})["macro_mrr"] == 1);  // no fact of P2 is drawn
}

TEST_CASE("scores of examples: by their logits texts, labels or numbers") {
  const Scores texts = scores_of({Example{"the cat sat down here", "a cat sat down here", {}}, Example{"x", "y", {}}});
  CHECK(texts.names == std::vector<std::string>{"exact_match", "f1", "rouge1", "rouge2", "rougeL", "bleu"});
  CHECK(values(texts, {1, 1})["exact_match"] == 0.5);
  CHECK(values(texts, {2, 0})["rouge1"] == Approx(0.8));
  CHECK(values(texts, {2, 0})["bleu"] == Approx(100 * std::pow(4.0 / 5 * 3 / 4 * 2 / 3 * 1 / 2, 0.25)));

  const Scores labels = scores_of({label(1, 1), label(1, 0), label(0, 0)});
  CHECK(labels.names == std::vector<std::string>{"accuracy", "macro_f1", "matthews"});
  CHECK(values(labels, {1, 1, 1})["accuracy"] == Approx(2.0 / 3));
  CHECK(values(labels, {1, 0, 2})["matthews"] == Approx(1));

  const Scores numbers = scores_of({number(1, 1), number(2, 3), number(3, 2), number(9, 1)});
  CHECK(values(numbers, {1, 1, 1, 0})["pearson"] == Approx(0.5));
  CHECK(values(numbers, {1, 1, 1, 0})["spearman"] == Approx(0.5));
  CHECK(std::isnan(values(numbers, {4, 0, 0, 0})["pearson"]));
}

TEST_CASE("scores: rows of several kinds or tasks are refused") {
  CHECK_THROWS_WITH_AS(scores_of({cloze("P1", 1), label(1, 1)}), "line 2: is of examples, the first of clozes",
                       base::Error);
  CHECK_THROWS_WITH_AS(scores_of({label(1, 1), number(1, 1)}), doctest::Contains("line 2: "), base::Error);
  CHECK_THROWS_AS(scores_of({}), base::Error);
}
