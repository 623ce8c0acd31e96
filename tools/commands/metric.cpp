// `kilm metric`: measures of predictions against what they should be.
#include <cstdio>

#include "kilm/metrics/measure_lines.h"
#include "tensor/base/format.h"
#include "tools/commands.h"

namespace tools {

namespace {

using kilm::metrics::Measure;

struct Arguments {
  std::vector<std::string> names;
  bool json = false;
};

void declare(Options& options, Arguments& a) {
  options.add("NAME", a.names, "measures of the JSON lines on standard input")
      .choices(base::names_of<Measure>(kilm::metrics::kMeasures));
  options.add("--json", a.json, "print one JSON object");
}

int run(const Arguments& a) {
  std::vector<Measure> measures;
  for (const std::string& name : a.names)
    measures.push_back(base::parse_choice<Measure>(name, kilm::metrics::kMeasures));
  kilm::metrics::Measurement measurement(measures);
  kilm::metrics::measure_lines("-", measurement);
  std::string out;
  if (a.json) out = measurement.to_json().dump() + "\n";
  for (const Measure measure : measures)
    if (!a.json) out += base::format("{:<20}{:>10.4f}\n", name(measure), measurement.value(measure));
  std::fwrite(out.data(), 1, out.size(), stdout);
  return 0;
}

}  // namespace

Command metric() {
  return command<Arguments>("metric", "measures predicted texts, labels or numbers against true ones",
                            "kilm metric exact_match f1 --json < answers.jsonl    # {\"prediction\", \"references\"}\n"
                            "kilm metric accuracy matthews < labels.jsonl         # {\"prediction\", \"reference\"}",
                            declare, run);
}

}  // namespace tools
