// What several models said of the same data, side by side, and how sure their differences are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kilm/metrics/bootstrap.h"
#include "tensor/base/json.h"

namespace kilm::predictions {

// A number with its interval of 95 %.
struct Estimate {
  double value;
  metrics::Interval interval;
};

struct Comparison {
  struct Column {  // of one file; numbers in the order of the measures
    std::string path;
    std::vector<Estimate> values;
    std::vector<Estimate> differences;  // from the first file's; none in its own column
  };
  std::string kind;  // of rows: mentions, questions, clozes, examples
  size_t rows = 0;
  std::optional<size_t> documents;  // which are drawn with all their rows; nothing: rows are drawn
  std::vector<std::string> measures;
  std::vector<Column> columns;
};

// Compares files of rows (rows.h), of which there is one at least, by the measures of their kind (scores.h). Rows are
// matched by id, those of equal ids in their order; clozes by relation, subject and gold; examples by their place.
// Intervals are by paired bootstrap. Throws DamagedInput that names file and line if a file is no such file or of other
// data than the first.
Comparison compare(const std::vector<std::string>& paths);

// Returns {"kind", "rows", "documents", "measures": {name: [{"file", "value", "interval"}, {..., "difference",
// "difference_interval"}]}}.
base::Json to_json(const Comparison& comparison);

}  // namespace kilm::predictions
