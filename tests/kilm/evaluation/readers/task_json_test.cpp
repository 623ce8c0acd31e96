#include "kilm/evaluation/readers/task_json.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"

using kilm::evaluation::Answer;
using kilm::evaluation::TaskRow;

namespace {

TaskRow read(const char* text, Answer answer, const char* columns = nullptr) {
  return task_row_from_json(base::parse_json(text, "row"), answer,
                            columns ? kilm::evaluation::parse_columns(columns) : kilm::evaluation::Columns());
}

}  // namespace

TEST_CASE("a row of one or two sentences has a label or a number") {
  const TaskRow pair = read(R"({"sentence1": "It rains.", "sentence2": "It is wet.", "label": 1})", Answer::label);
  CHECK(pair.first == "It rains.");
  CHECK(pair.second == "It is wet.");
  CHECK(pair.label == 1);
  const TaskRow word = read(R"({"sentence": "It \"rains\".", "label": "contradiction", "more": []})", Answer::label);
  CHECK(word.first == "It \"rains\".");
  CHECK(!word.second);
  CHECK(word.label == 2);
  const TaskRow number = read(R"({"text": "", "sentence2": null, "label": 4})", Answer::number);
  CHECK(number.first.empty());
  CHECK(!number.second);
  CHECK(number.number == 4);
}

TEST_CASE("a text to be said has a source, and fields may have other names") {
  const TaskRow row = read(R"({"source": "a\nb", "target": "c"})", Answer::text);
  CHECK(row.first == "a\nb");
  CHECK(row.target == "c");
  const TaskRow other = read(R"({"dialogue": "a", "summary": "c"})", Answer::text, "source=dialogue,target=summary");
  CHECK(other.first == "a");
  CHECK(other.target == "c");
  const TaskRow renamed =
      read(R"({"premise": "a", "then": "b", "gold": 0})", Answer::label, "sentence1=premise,sentence2=then,label=gold");
  CHECK(renamed.second == "b");
}

TEST_CASE("a row that lacks a field or has one of another type is refused by name") {
  const std::pair<const char*, const char*> wrong[] = {
      {R"({"label": 1})", "there is no sentence1, sentence or text"},
      {R"({"text": 3, "label": 1})", "text: expected a string, found an integer"},
      {R"({"text": "a", "sentence2": 3, "label": 1})", "sentence2: expected a string, found an integer"},
      {R"({"text": "a", "label": 0.5})", "label: expected an integer, found a number"},
      {R"({"text": "a", "label": null})", "label: expected an integer, found null"},
      {R"(["a", 1])", "should be a JSON object"},
  };
  for (const auto& [line, message] : wrong) CHECK_THROWS_WITH_AS(read(line, Answer::label), message, base::Error);
  CHECK_THROWS_AS(read(R"({"text": "a"})", Answer::label), base::Error);
  CHECK_THROWS_AS(read(R"({"text": "a", "label": "high"})", Answer::number), base::Error);
  CHECK_THROWS_AS(read(R"({"source": "a"})", Answer::text), base::Error);
  CHECK_THROWS_AS(read(R"({"premise": "a", "label": 1})", Answer::label, "sentence1=other"), base::Error);
}
