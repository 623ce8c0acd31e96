// The settings of a training run as options, for every command that trains or tells about training.
#pragma once

#include <optional>
#include <string>

#include "kilm/dataset/prepared_data.h"
#include "kilm/training/settings.h"
#include "tools/command_line.h"

namespace tools {

// What the command line, the environment or a configuration file says of the settings; the rest comes from the preset.
struct TrainSettings {
  std::optional<std::string> data, model, out, plain_data;
  std::optional<std::string> run;  // a run that exists: its settings are kept
  std::string preset = "kilm";
  kilm::training::GivenSettings given;
};

// --data, --model, --plain-data, --preset, one option for every setting, and --config; `out` and `run` are named by the
// command.
void declare(Options& options, TrainSettings& settings);

// Throws UsageError if a run is no run, or began with other settings than are given now. Its folders may lie elsewhere
// now, if their digests are the same.
kilm::training::TrainConfig config_of(const TrainSettings& settings);

// Throws UsageError naming the option unless the config says where data and model are.
void require_data_and_model(const kilm::training::TrainConfig& config);

// The data of a run, mapped.
class RunData {
 public:
  explicit RunData(const kilm::training::TrainConfig& config);

  const kilm::dataset::PreparedData& knowledge() const { return knowledge_; }
  const kilm::dataset::PreparedData& plain() const { return plain_ ? *plain_ : knowledge_; }  // of the plain stream
  kilm::dataset::TrainingWindows windows(kilm::dataset::Split split) const;  // valid as long as this object
  void check_tokenizer(const std::string& fingerprint) const;

 private:
  const kilm::dataset::PreparedData knowledge_;
  std::optional<kilm::dataset::PreparedData> plain_;
};

// What can be settled only with the data at hand, and for a new run the model: that they fit together and are those
// that the run began with, the tokenizer and the maximal length.
void settle(kilm::training::TrainConfig& config, const RunData& data);

}  // namespace tools
