// Every measure against what other packages gave, stored in tests/fixtures/metrics-golden.
#include "kilm/metrics/measures.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "tensor/base/error.h"
#include "tensor/base/json_lines.h"
#include "tensor/base/json_number.h"

using base::Json;
using namespace kilm::metrics;

namespace {

constexpr double kTolerance = 1e-11;

std::vector<Json> golden(const std::string& name) {
  base::JsonLines lines(KILM_SOURCE_DIR "/tests/fixtures/metrics-golden/" + name);
  std::vector<Json> result;
  while (auto line = lines.next([](const Json& json) { return json; })) result.push_back(std::move(*line));
  return result;
}

void check_values(const Measurement& given, std::span<const Measure> measures, const Json& expected) {
  for (const Measure measure : measures) {
    INFO(name(measure) << " of " << expected.dump());
    const double value = given.value(measure), wanted = base::number_or_nan(expected.at(name(measure)));
    CHECK((std::isnan(wanted) ? std::isnan(value) : std::fabs(value - wanted) <= kTolerance));
  }
}

template <size_t N>
Measurement measurement_of(const Measure (&measures)[N]) {
  return Measurement({measures, measures + N});
}

std::vector<std::string> strings(const Json& list) {
  std::vector<std::string> result;
  for (const Json& item : list.items()) result.push_back(item.as_string());
  return result;
}

}  // namespace

TEST_CASE("texts are measured as by rouge-score, sacrebleu, nltk and the script of SQuAD") {
  Measurement all = measurement_of(kTextMeasures);
  std::map<Measure, double> sums;
  const std::vector<Json> lines = golden("texts.jsonl");
  for (const Json& line : lines) {
    Measurement one = measurement_of(kTextMeasures);
    one.add(line.at("prediction").as_string(), strings(line.at("references")));
    check_values(one, kTextMeasures, line);
    all.add(line.at("prediction").as_string(), strings(line.at("references")));
    for (const Measure measure : kTextMeasures) sums[measure] += line.at(name(measure)).as_number();
  }
  CHECK(lines.size() == 100);
  CHECK(all.value(Measure::bleu) == doctest::Approx(golden("corpus.jsonl")[0].at("bleu").as_number()).epsilon(1e-12));
  for (const Measure measure : kTextMeasures)
    if (measure != Measure::bleu) CHECK(all.value(measure) == doctest::Approx(sums[measure] / 100).epsilon(1e-12));
}

TEST_CASE("labels are measured as by scikit-learn") {
  for (const Json& line : golden("labels.jsonl")) {
    Measurement labels = measurement_of(kLabelMeasures);
    for (const Json& pair : line.at("pairs").items()) labels.add_labels(pair.items()[0].dump(), pair.items()[1].dump());
    check_values(labels, kLabelMeasures, line);
  }
}

TEST_CASE("numbers are measured as by scipy") {
  for (const Json& line : golden("numbers.jsonl")) {
    Measurement numbers = measurement_of(kNumberMeasures);
    for (const Json& pair : line.at("pairs").items())
      numbers.add_numbers(pair.items()[0].as_number(), pair.items()[1].as_number());
    check_values(numbers, kNumberMeasures, line);
  }
}

TEST_CASE("a measurement prints what it was asked for, in that order") {
  Measurement two({Measure::bleu, Measure::f1});
  CHECK(two.to_json().dump() == "{\"bleu\": null, \"f1\": null}");
  CHECK(two.wants(Operands::texts));
  CHECK(!two.wants(Operands::labels));
  two.add("the cat", std::vector<std::string>{"a dog", "cat"});
  CHECK(two.to_json().at("f1").as_number() == 1);
  CHECK_THROWS_AS(Measurement({}), base::UsageError);
  CHECK_THROWS_WITH_AS(Measurement({Measure::f1, Measure::f1}), "f1 should be asked for once", base::UsageError);
}
