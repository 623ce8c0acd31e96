// The settings of `kilm finetune` as options.
#pragma once

#include <optional>
#include <string>

#include "kilm/finetuning/config.h"
#include "tools/commands/generation_options.h"
#include "tools/commands/train_settings.h"

namespace tools {

struct FinetuneSettings {
  std::optional<std::string> data, eval, model, out;
  std::optional<std::string> run;  // a run that exists: its settings are kept
  std::optional<kilm::finetuning::TaskKind> task;
  std::optional<kilm::evaluation::GlueTask> format;
  std::optional<std::string> columns;
  std::optional<int64_t> labels, batch_size, max_source_length, max_target_length, batch_tokens;
  std::optional<bool> shuffle;
  std::optional<double> label_smoothing;
  kilm::training::GivenSettings given;  // of those that kilm train has as well
  GenerationOptions generation;
};

void declare(Options& options, FinetuneSettings& settings);

// Throws UsageError as config_of(TrainSettings) does. The files of a run may lie elsewhere now; open_data holds them to
// their digests.
kilm::finetuning::FinetuneConfig config_of(const FinetuneSettings& settings);

// Reads the settings of a run that fine-tunes, whose folder is `run` now. Returns nothing for another run; throws
// UsageError for what is none.
std::optional<kilm::finetuning::FinetuneConfig> finetune_config_of_run(const std::string& run);

}  // namespace tools
