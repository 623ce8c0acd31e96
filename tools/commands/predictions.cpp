#include "tools/commands/predictions.h"

#include <filesystem>

#include "tensor/base/format.h"
#include "tools/commands/output.h"

namespace tools {

namespace {

bool holds_rows(const std::string& path) { return first_line_is(path, kilm::predictions::is_row); }

}  // namespace

void declare_predictions(Options& options, std::optional<std::string>& path) {
  options.add("--predictions FILE", path, "write what the model says of each item there, for kilm compare");
}

PredictionOutput::PredictionOutput(const std::optional<std::string>& path, bool force) {
  if (!path) return;
  base::check<base::UsageError>(path != "-", "--predictions: should be a file, as results go to standard output");
  if (is_file(*path) || std::filesystem::is_directory(*path))
    check_output_file("--predictions", *path, force, holds_rows);
  output_.emplace(*path);
}

void PredictionOutput::write(const kilm::predictions::Row& row) {
  if (output_) output_->write(to_json(row).dump() + "\n");
}

void PredictionOutput::commit() {
  if (output_) output_->commit();
}

}  // namespace tools
