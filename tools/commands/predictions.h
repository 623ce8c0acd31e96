// --predictions of a command: what its model said of each item, as rows that `kilm compare` reads.
#pragma once

#include <optional>
#include <string>

#include "kilm/predictions/rows.h"
#include "tools/command_line.h"
#include "tools/commands/line_output.h"

namespace tools {

// Adds --predictions.
void declare_predictions(Options& options, std::optional<std::string>& path);

// Rows on their way into the file, which appears when commit() says that all are there. A pipe or a device takes them
// as they come.
class PredictionOutput {
 public:
  // Lets rows go nowhere without a path. Throws UsageError for standard output, where results go, and for a file that
  // is neither empty nor of such rows, unless `force`. Make it before any work is done.
  explicit PredictionOutput(const std::optional<std::string>& path, bool force = false);

  void write(const kilm::predictions::Row& row);
  void commit();

 private:
  std::optional<LineOutput> output_;
};

}  // namespace tools
