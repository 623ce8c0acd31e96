// Prompts as a batch (docs/formats.md, Batches), which kilm generate and Transformers read.
#pragma once

#include <optional>
#include <string>

#include "kilm/generation/generate.h"
#include "kilm/prepare/external/scratch_file.h"
#include "tools/commands/line_output.h"

namespace tools {

// Rows on their way into the file, which appears when commit() says that all are there. Memory does not grow with them.
class BatchOutput {
 public:
  // Lets rows go nowhere without a path. Throws UsageError for standard output, where results go, and for a file that
  // is neither empty nor such a batch, unless `force`.
  BatchOutput(const std::optional<std::string>& path, bool force);

  void write(const kilm::generation::GenerateRequest& request);
  void commit();

 private:
  std::optional<LineOutput> output_;
  std::optional<kilm::prepare::ScratchFile> prefixes_;  // which stand behind all sources
  bool any_ = false;
};

}  // namespace tools
