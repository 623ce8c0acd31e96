// `kilm compare`: what several models said of the same data, in one table.
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

std::string table(const Comparison& comparison) {
  std::string out = format("{} {}", comparison.rows, comparison.kind);
  if (comparison.documents) out += format(" of {} documents", *comparison.documents);
  out +=
      format("\n\n{:<22}{:<24}{:>9}  {:<20}  {:>10}  {}\n", "measure", "file", "value", "95 %", "difference", "95 %");
  for (size_t i = 0; i < comparison.measures.size(); ++i)
    for (const Comparison::Column& column : comparison.columns) {
      const bool first = column.differences.empty();
      const Estimate& value = column.values[i];
      out += format("{:<22}{:<24}{:>9.4f}  {:<20}", first ? comparison.measures[i] : "", column.path, value.value,
                    format("{:.4f} to {:.4f}", value.interval.low, value.interval.high));
      if (!first) {
        const Estimate& difference = column.differences[i];
        out += format("  {:>+10.4f}  {:+.4f} to {:+.4f}", difference.value, difference.interval.low,
                      difference.interval.high);
      }
      while (out.ends_with(' ')) out.pop_back();
      out += "\n";
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
