// The settings of a training run as options, for every command that trains or tells about training.
#pragma once

#include <optional>
#include <string>

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
// command. One that plans for devices which are not there has its own --device.
enum class DeviceOption : bool { own, setting };
void declare(Options& options, TrainSettings& settings, DeviceOption device = DeviceOption::setting);

// Throws UsageError if a run is no run, or began with other settings than are given now. Its folders may lie elsewhere
// now, if their digests are the same.
kilm::training::TrainConfig config_of(const TrainSettings& settings);

// Throws UsageError naming the option unless the config says where data and model are.
void require_data_and_model(const kilm::training::TrainConfig& config);

}  // namespace tools
