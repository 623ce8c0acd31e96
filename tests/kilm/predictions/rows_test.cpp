#include "kilm/predictions/rows.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tensor/base/error.h"
#include "tests/kilm/folder.h"

using base::Json;
using namespace kilm::predictions;

namespace {

Json parse(const std::string& text) { return base::parse_json(text, "row"); }

std::string complaint(const std::string& text) {
  try {
    row_from_json(parse(text));
  } catch (const base::Error& error) {
    return error.what();
  }
  return "";
}

const std::string kRows[] = {
    R"({"id": "m1", "document": "d", "mention": "Paris", "gold": null, "predicted": "Paris",)"
    R"( "candidates": [{"title": "Paris", "score": -0.5}, {"title": "Paris, Texas", "score": null}]})",
    R"({"id": 7, "question": "Who?", "prediction": "A", "answers": ["a", "b"], "exact_match": 1.0, "f1": null,)"
    R"( "shots": [1, "x"]})",
    R"({"relation": "P19", "subject": "S", "gold": "Rome", "rank": 2, "gold_score": -3.5, "predicted": "Bern",)"
    R"( "predicted_score": -1.25})",
    R"({"prediction": "a b", "reference": "b"})",
    R"({"prediction": 1, "reference": 0, "logits": [0.5, null]})",
};

}  // namespace

TEST_CASE("rows: each kind is told by its fields, and is written as it was read") {
  const char* const kinds[] = {"mentions", "questions", "clozes", "examples", "examples"};
  for (size_t i = 0; i < std::size(kRows); ++i) {
    const Row row = row_from_json(parse(kRows[i]));
    CHECK(to_json(row).dump() == kRows[i]);
    CHECK(kind_of(row) == std::string(kinds[i]));
    CHECK(is_row(parse(kRows[i])));
  }
  const Mention mention = std::get<Mention>(row_from_json(parse(kRows[0])));
  CHECK(!mention.gold);
  CHECK(mention.predicted == "Paris");
  CHECK(std::isnan(mention.candidates[1].score));
  CHECK(!is_row(parse(R"({"prediction": "a"})")));
  CHECK(!is_row(parse("[]")));
}

TEST_CASE("rows: what does not fit its kind is refused with field and reason") {
  CHECK(complaint("{}") == "is no prediction of a mention, a question, a cloze or an example");
  CHECK(complaint(R"({"id": 1.5, "document": "", "mention": "", "gold": "", "predicted": "", "candidates": []})") ==
        "id: should be a string or an integer");
  CHECK(complaint(R"({"id": 1, "document": "", "mention": "", "gold": 3, "predicted": "", "candidates": []})") ==
        "gold: expected a string, found an integer");
  CHECK(complaint(R"({"id": 1, "document": "", "mention": "", "gold": "A", "predicted": "A", "candidates": []})") ==
        "predicted: A is none of the candidates");
  CHECK(complaint(R"({"id": 1, "question": "", "prediction": "", "answers": [], "exact_match": 2, "f1": null,)"
                  R"( "shots": []})") == "exact_match: 2 should be between 0 and 1");
  CHECK(complaint(R"({"relation": "", "subject": "", "gold": "", "rank": 0, "gold_score": 0, "predicted": "",)"
                  R"( "predicted_score": 0})") == "rank: 0 should be at least 1");
  CHECK(complaint(R"({"prediction": 1, "reference": 1})") ==
        "prediction and reference should be strings where there are no logits");
  CHECK(complaint(R"({"prediction": "1", "reference": 1, "logits": [2]})") ==
        "prediction and reference should be numbers where there is one logit");
  CHECK(complaint(R"({"prediction": null, "reference": 1, "logits": [2, 3]})") ==
        "prediction: should be a string, a number, true or false");
  CHECK(complaint(R"({"prediction": 1, "reference": 1, "logits": []})") == "logits: there should be at least one");
}

TEST_CASE("rows: a file is read in its order, and a wrong line is named") {
  const Folder folder;
  folder.write("rows", kRows[3] + "\n" + kRows[4] + "\n");
  CHECK(read_rows(folder / "rows").size() == 2);
  folder.write("rows", kRows[3] + "\n{}\n");
  CHECK_THROWS_WITH_AS(read_rows(folder / "rows"), doctest::Contains("rows: line 2: is no prediction"),
                       base::DamagedInput);
}
