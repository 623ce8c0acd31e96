// The settings of a training run as options, for every command that trains or tells about training.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "kilm/training/settings.h"
#include "tensor/base/format.h"
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

inline std::string text_of(bool value) { return value ? "on" : "off"; }
template <class T>
std::string text_of(const T& value) {
  if constexpr (std::is_enum_v<T>)
    return name(value);
  else
    return base::format("{}", value);
}

// Takes a setting that is given. A resumed run keeps its settings; to say them again is no error.
template <class T>
void apply(const std::optional<T>& given, const char* name, T& setting, bool may_change) {
  if (!given) return;
  base::check<base::UsageError>(may_change || *given == setting, "{}: {} is not the {} that the run began with", name,
                                text_of(*given), text_of(setting));
  setting = *given;
}

// Throws UsageError if a run is no run, or began with other settings than are given now. Its folders may lie elsewhere
// now, if their digests are the same.
kilm::training::TrainConfig config_of(const TrainSettings& settings);

// Adds the options of some settings alone, with the defaults of `defaults`.
void declare(Options& options, kilm::training::GivenSettings& given, const kilm::training::TrainConfig& defaults,
             const std::function<bool(const std::string& setting)>& wanted);
// Takes what is given. A run that is resumed keeps its settings: UsageError refuses others, but for those that may
// change.
void apply(const kilm::training::GivenSettings& given, kilm::training::TrainConfig& config, bool resumed);

// Returns a path that means the same in every folder.
std::optional<std::string> absolute(const std::optional<std::string>& path);

// Lets a resumed run go on with a folder that lies elsewhere now: it is the same one if its digest is. A run of an
// earlier version has noted none; then the folder that it began with tells, if it is still there.
void move_to(const std::optional<std::string>& given, const char* name, std::string& path, std::string& digest,
             std::string (*digest_of)(const std::string&));

// Throws UsageError naming the option unless the config says where data and model are.
void require_data_and_model(const kilm::training::TrainConfig& config);

}  // namespace tools
