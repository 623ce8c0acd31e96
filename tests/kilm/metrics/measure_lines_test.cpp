#include "kilm/metrics/measure_lines.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"
#include "tests/kilm/folder.h"

using namespace kilm::metrics;

namespace {

// Returns the measures of a file of these lines, or what is wrong with it.
std::string measured(std::vector<Measure> measures, const std::string& lines) {
  const Folder folder;
  folder.write("lines", lines);
  Measurement measurement(std::move(measures));
  try {
    measure_lines(folder / "lines", measurement);
  } catch (const base::DamagedInput& error) {
    const std::string message = error.what();
    REQUIRE(message.starts_with(folder / "lines: "));
    return message.substr((folder / "lines: ").size());
  }
  return measurement.to_json().dump();
}

}  // namespace

TEST_CASE("lines have one reference or several") {
  const std::string lines =
      "{\"prediction\": \"a b\", \"references\": [\"x\", \"b\"]}\n"
      "{\"reference\": \"y\", \"prediction\": \"x\", \"more\": [1]}";
  CHECK(measured({Measure::exact_match}, lines) == "{\"exact_match\": 0.5}");
}

TEST_CASE("labels are words, numbers or truths, and one is as good as 1.0") {
  const std::string lines =
      "{\"prediction\": 1, \"reference\": 1.0}\n{\"prediction\": \"1\", \"reference\": 1}\n"
      "{\"prediction\": true, \"reference\": true}\n{\"prediction\": true, \"reference\": 1}\n";
  CHECK(measured({Measure::accuracy}, lines) == "{\"accuracy\": 0.5}");
  CHECK(measured({Measure::accuracy}, "{\"prediction\": -0.0, \"reference\": 0}") == "{\"accuracy\": 1.0}");
  CHECK(measured({Measure::accuracy}, "{\"prediction\": 9007199254740993, \"reference\": 9007199254740992}") ==
        "{\"accuracy\": 0.0}");
}

TEST_CASE("one line may be measured as a label and as a number") {
  const std::string lines = "{\"prediction\": 1, \"reference\": 1}\n{\"prediction\": 2, \"reference\": 2}\n";
  CHECK(measured({Measure::pearson, Measure::accuracy}, lines) == "{\"pearson\": 1.0, \"accuracy\": 1.0}");
}

TEST_CASE("a line that does not fit is named") {
  const std::string good = "{\"prediction\": \"a\", \"reference\": \"a\"}\n";
  const auto second = [&](Measure measure, const std::string& line) { return measured({measure}, good + line); };
  CHECK(second(Measure::f1, "{\"prediction\": \"a\"}") == "line 2: no entry \"reference\"");
  CHECK(second(Measure::f1, "{\"prediction\": 3, \"reference\": \"a\"}") ==
        "line 2: prediction: expected a string, found an integer");
  CHECK(second(Measure::f1, "{\"prediction\": \"a\", \"references\": []}") ==
        "line 2: references: there should be at least one");
  CHECK(second(Measure::f1, "{\"prediction\": \"a\", \"references\": [1]}") == "line 2: references: should be strings");
  CHECK(second(Measure::accuracy, "{\"prediction\": null, \"reference\": 1}") ==
        "line 2: prediction: should be a string, a number, true or false");
  CHECK(second(Measure::accuracy, "3") == "line 2: no entry \"prediction\"");
  CHECK(measured({Measure::pearson}, good) == "line 1: prediction: expected a number, found a string");
  CHECK(measured({Measure::f1}, "") == "there is no line");
  CHECK(measured({Measure::f1}, good + "\n").starts_with("line 2: "));
}
