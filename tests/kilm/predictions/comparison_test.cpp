#include "kilm/predictions/comparison.h"

#include <doctest/doctest.h>

#include <cmath>

#include "kilm/predictions/rows.h"
#include "tensor/base/error.h"
#include "tests/kilm/folder.h"

using doctest::Approx;
using namespace kilm::predictions;

namespace {

struct Files : Folder {
  std::string operator()(const std::string& name, const std::vector<Row>& rows) const {
    std::string text;
    for (const Row& row : rows) text += to_json(row).dump() + "\n";
    write(name, text);
    return *this / name;
  }
};

Question question(int64_t id, double exact_match, const std::string& answer = "a") {
  return {.id = id, .question = "q", .prediction = "p", .answers = {answer}, .exact_match = exact_match, .f1 = 0.5};
}

// Makes questions of which the first `right` of 400 are answered.
std::vector<Row> questions(int64_t right) {
  std::vector<Row> rows;
  for (int64_t i = 0; i < 400; ++i) rows.push_back(question(i, i < right));
  return rows;
}

// Returns what is wrong with the second file beside the first.
std::string complaint(const std::vector<Row>& first, const std::vector<Row>& second) {
  const Files files;
  const std::string a = files("a", first), b = files("b", second);
  try {
    compare({a, b});
  } catch (const base::DamagedInput& error) {
    std::string message = error.what();
    for (size_t at; (at = message.find(files.path.string() + "/")) != std::string::npos;)
      message.erase(at, files.path.string().size() + 1);
    return message;
  }
  return "";
}

}  // namespace

TEST_CASE("a comparison has each file's measures and the differences from the first") {
  const Files files;
  const std::string a = files("a", questions(200)), b = files("b", questions(240)), c = files("c", questions(200));
  const Comparison all = compare({a, b, c});
  CHECK(all.kind == "questions");
  CHECK(all.rows == 400);
  CHECK(!all.documents);
  CHECK(all.measures == std::vector<std::string>{"exact_match", "f1"});
  CHECK(all.columns[0].values[0].value == 0.5);
  CHECK(all.columns[0].differences.empty());
  CHECK(all.columns[1].differences[0].value == Approx(0.1));
  // 40 of 400 questions differ: the interval is that of a share of 0.1, narrower than those of the systems.
  const double error = std::sqrt(0.1 * 0.9 / 400);
  CHECK(all.columns[1].differences[0].interval.low == Approx(0.1 - 1.96 * error).epsilon(0.06));
  CHECK(all.columns[1].differences[0].interval.high == Approx(0.1 + 1.96 * error).epsilon(0.06));
  CHECK(all.columns[1].values[0].interval.low == Approx(0.6 - 1.96 * std::sqrt(0.6 * 0.4 / 400)).epsilon(0.02));
  CHECK(all.columns[2].differences[0].interval.high == 0);  // the same answers
  const base::Json json = to_json(all);
  CHECK(json.at("documents").is_null());
  CHECK(json.at("measures").at("f1").items()[1].at("difference").as_number() == 0);
  CHECK(!json.at("measures").at("f1").items()[0].find("difference"));
}

TEST_CASE("mentions of a document are drawn together") {
  std::vector<Row> one, other;
  for (int64_t i = 0; i < 100; ++i) {
    const std::string document = "d" + std::to_string(i / 10);
    const auto row = [&](const std::string& predicted) {
      return Mention{.id = i,
                     .document = document,
                     .mention = "m",
                     .gold = "A",
                     .predicted = predicted,
                     .candidates = {{"A", 0}, {"B", 0}}};
    };
    one.push_back(row("A"));
    other.push_back(row(i < 50 ? "A" : "B"));  // five documents right, five wrong
  }
  const Files files;
  const std::string a = files("a", one), b = files("b", other);
  const Comparison both = compare({a, b});
  CHECK(both.documents == 10);
  const Estimate accuracy = both.columns[1].values[0];
  CHECK(accuracy.value == 0.5);
  const double error = std::sqrt(0.25 / 10);  // of ten documents, not of a hundred mentions
  CHECK(accuracy.interval.low == Approx(0.5 - 1.96 * error).epsilon(0.25));
}

TEST_CASE("rows are matched by their ids, whatever the order; rows of equal ids in theirs") {
  const Files files;
  const std::string a = files("a", {question(1, 1), question(2, 0, "b"), question(2, 1, "c")});
  const std::string b = files("b", {question(2, 1, "b"), question(1, 1), question(2, 1, "c")});
  CHECK(compare({a, b}).columns[1].values[0].value == 1);
}

TEST_CASE("files of other data or kinds are refused with the line") {
  CHECK(complaint({question(1, 1)}, {question(2, 1)}) == "b: line 1: 2 is not in a");
  CHECK(complaint({question(1, 1), question(3, 1)}, {question(3, 1)}) == "b: lacks 1, line 1 of a");
  CHECK(complaint({question(1, 1)}, {question(1, 1), question(1, 1)}) == "b: line 2: 1, time 2 is not in a");
  CHECK(complaint({question(1, 1)}, {question(1, 1, "other")}) ==
        "b: line 1: 1 has [\"other\"] as what is true, in a it is [\"a\"]");
  CHECK(complaint({question(1, 1)}, {Example{"x", "y", {}}}) == "b: is of examples, a of questions");
  CHECK(complaint({Example{"x", "y", {}}}, {Example{"x", "z", {}}}) ==
        "b: line 1: 1 has \"z\" as what is true, in a it is \"y\"");
  Question without = question(1, 1);
  without.f1.reset();
  CHECK(complaint({question(1, 1)}, {without}) == "b: is measured by exact_match, a by exact_match f1");
  CHECK(complaint({question(1, 1)}, {}) == "b: there is no line");
  CHECK(complaint({Example{1, 1, {{0, 1}}}}, {Example{1, 1, {{0.5}}}}) ==
        "b: is measured by pearson spearman, a by accuracy macro_f1 matthews");
}
