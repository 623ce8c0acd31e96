// JSON lines of predictions, as kilm metric measures them and as kilm compare reads and scores them.
#include "tensor/base/json_lines.h"

#include <vector>

#include "kilm/metrics/measure_lines.h"
#include "kilm/predictions/scores.h"
#include "tests/fuzz/input.h"

namespace {

using kilm::metrics::Measure;

void measure(const std::string& path, const std::vector<Measure>& measures) {
  kilm::metrics::Measurement measurement(measures);
  kilm::metrics::measure_lines(path, measurement);
  for (const Measure one : measures) {
    const double value = measurement.value(one), limit = one == Measure::bleu ? 100 : 1;
    fuzz::require(!(value < -limit - 1e-9 || value > limit + 1e-9), "a measure is in its range, or not defined");
  }
}

void score(const std::string& path) {
  const std::vector<kilm::predictions::Row> rows = kilm::predictions::read_rows(path);
  for (const kilm::predictions::Row& row : rows) {
    const std::string text = to_json(row).dump();  // nan is no number that equals itself, but one text
    fuzz::require(to_json(kilm::predictions::row_from_json(base::parse_json(text, "row"))).dump() == text,
                  "a row that is written reads back equal");
  }
  const kilm::predictions::Scores scores = base::read_at(path, [&] { return scores_of(rows); });
  const std::vector<double> once(scores.documents, 1.0);
  fuzz::require(scores.measure(once).size() == scores.names.size(), "every measure has a value");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const fuzz::File input(std::string_view(reinterpret_cast<const char*>(data), size));
  const auto read = [&](auto f) { return fuzz::parse(data, size, [&](std::string_view) { f(input.path()); }); };
  using namespace kilm::metrics;
  read([](const std::string& path) { measure(path, {std::begin(kTextMeasures), std::end(kTextMeasures)}); });
  read([](const std::string& path) { measure(path, {std::begin(kLabelMeasures), std::end(kLabelMeasures)}); });
  read([](const std::string& path) { measure(path, {std::begin(kNumberMeasures), std::end(kNumberMeasures)}); });
  return read(score);
}
