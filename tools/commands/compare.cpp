// `kilm compare`: what several models said of the same data, in one table.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "kilm/predictions/comparison.h"
#include "tensor/base/format.h"
#include "tools/commands.h"

namespace tools {

namespace {

using base::format;
using kilm::predictions::Comparison;
using kilm::predictions::Estimate;

struct Arguments {
  std::vector<std::string> files;
  bool json = false;
};

void declare(Options& options, Arguments& a) {
  options.add("FILE", a.files, "files that commands wrote with --predictions; the others are compared with the first");
  options.add("--json", a.json, "print one JSON object");
}

// Writes four decimals, or a dash where a measure is not defined.
std::string text(double value, bool with_sign = false) {
  if (std::isnan(value)) return "-";
  return with_sign ? format("{:+.4f}", value) : format("{:.4f}", value);
}

std::string range(const Estimate& estimate, bool with_sign = false) {
  return text(estimate.interval.low, with_sign) + " to " + text(estimate.interval.high, with_sign);
}

std::string table(const Comparison& comparison) {
  size_t measure_width = std::string("measure").size(), file_width = std::string("file").size();
  for (const std::string& name : comparison.measures) measure_width = std::max(measure_width, name.size());
  for (const Comparison::Column& column : comparison.columns) file_width = std::max(file_width, column.path.size());
  std::string out = format("{} {}", comparison.rows, comparison.kind);
  if (comparison.documents) out += format(" of {} documents", *comparison.documents);
  out += format("\n\n{:<{}}  {:<{}}  {:>8}  {:<20}  {:>10}  {}\n", "measure", measure_width, "file", file_width,
                "value", "95 %", "difference", "95 %");
  for (size_t i = 0; i < comparison.measures.size(); ++i)
    for (const Comparison::Column& column : comparison.columns) {
      const bool first = column.differences.empty();
      const Estimate& value = column.values[i];
      out += format("{:<{}}  {:<{}}  {:>8}  ", first ? comparison.measures[i] : "", measure_width, column.path,
                    file_width, text(value.value));
      if (first)
        out += range(value) + "\n";
      else
        out += format("{:<20}  {:>10}  {}\n", range(value), text(column.differences[i].value, true),
                      range(column.differences[i], true));
    }
  return out;
}

int run(const Arguments& a) {
  base::check<base::UsageError>(a.files.size() >= 2, "there should be at least two files to compare");
  const Comparison comparison = kilm::predictions::compare(a.files);
  const std::string out = a.json ? to_json(comparison).dump() + "\n" : table(comparison);
  std::fwrite(out.data(), 1, out.size(), stdout);
  return 0;
}

}  // namespace

Command compare() {
  return command<Arguments>("compare", "compares what several models said of the same data",
                            "kilm compare bart.jsonl kilm.jsonl twin.jsonl\n"
                            "kilm compare bart.jsonl kilm.jsonl --json",
                            declare, run);
}

}  // namespace tools
