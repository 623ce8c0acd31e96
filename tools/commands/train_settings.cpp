#include "tools/commands/train_settings.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "kilm/bart/folder.h"
#include "kilm/finetuning/config.h"
#include "kilm/job/manifest.h"
#include "tensor/format.h"

namespace tools {

namespace {

namespace fs = std::filesystem;
using base::check;
using base::UsageError;
using kilm::training::Setting;
using kilm::training::TrainConfig;

// Returns the option of a setting: "--batch-tokens N".
std::string option_of(std::string name, const char* value) {
  std::replace(name.begin(), name.end(), '_', '-');
  return "--" + name + " " + value;
}
const char* placeholder(int64_t) { return "N"; }
const char* placeholder(double) { return "X"; }
const char* placeholder(bool) { return "on|off"; }
const char* placeholder(tensor::Device) { return "DEVICE"; }
template <class E>
const char* placeholder(E) {
  return "NAME";
}

template <class T>
Option add(Options& options, const Setting<T>& row, std::optional<T>& given, const std::string& help) {
  const std::string names = option_of(row.name, placeholder(T()));
  if constexpr (std::is_enum_v<T>)
    return options.add(names, given, row.allowed, help);
  else
    return options.add(names, given, help);
}

std::string data_digest(const std::string& folder) {
  return kilm::job::verify_manifest(folder, /*files=*/false).at("self").as_string();
}

}  // namespace

std::optional<std::string> absolute(const std::optional<std::string>& path) {
  if (!path) return path;
  return fs::absolute(*path).lexically_normal().string();
}

void move_to(const std::optional<std::string>& given, const char* name, std::string& path, std::string& digest,
             std::string (*digest_of)(const std::string&)) {
  if (!given || *given == path) return;
  check<UsageError>(!path.empty(), "{}: {} is given, the run began without", name, *given);
  check<UsageError>(!digest.empty() || fs::exists(path),
                    "{}: {} is not the {} that the run began with, which is gone and of which it noted no digest", name,
                    *given, path);
  if (digest.empty()) digest = digest_of(path);
  const std::string found = digest_of(*given);
  check<UsageError>(found == digest, "{}: {} with the digest {:.12} is not the {} that the run began with, with {:.12}",
                    name, *given, found, path, digest);
  path = *given;
}

void declare(Options& options, TrainSettings& settings, DeviceOption device) {
  options.add("--data DIR", settings.data, "folder made by kilm prepare");
  options.add("--model DIR", settings.model, "model folder to start from, or a run folder: its best checkpoint");
  options.add("--plain-data DIR", settings.plain_data,
              "folder made by kilm prepare, for the plain stream of --plain-ratio (default that of --data)");
  options.add("--preset NAME", settings.preset, "settings that are not given; kilm: those of the published script")
      .choices({"kilm"});
  declare(options, settings.given, kilm::training::preset("kilm"),
          [device](const std::string& setting) { return setting != "device" || device == DeviceOption::setting; });
  options.config_file();
}

void declare(Options& options, kilm::training::GivenSettings& settings, const TrainConfig& defaults,
             const std::function<bool(const std::string&)>& wanted) {
  each_given(settings, [&](const auto& row, auto& given) {
    if (!wanted(row.name)) return;
    add(options, row, given, base::format("{} (default {})", row.help, text_of(defaults.*row.member)));
  });
}

void apply(const kilm::training::GivenSettings& settings, TrainConfig& config, bool resumed) {
  const tensor::Device before = config.device;
  each_given(settings, [&](const auto& row, const auto& given) {
    apply(given, row.name, config.*row.member, !resumed || row.free_to_change);
  });
  if (resumed && !(config.device == before))
    std::fprintf(stderr, "%s: began on %s and goes on on %s, where bits may differ\n", config.out.c_str(),
                 to_string(before).c_str(), to_string(config.device).c_str());
}

TrainConfig config_of(const TrainSettings& settings) {
  const bool resumed = settings.run.has_value();
  TrainConfig config = kilm::training::preset(settings.preset);
  if (resumed) {
    const std::string path = *settings.run + "/resolved.json";
    check<UsageError>(fs::is_regular_file(path), "{}: is no run, it has no resolved.json", *settings.run);
    const base::Json json = base::read_json_file(path);
    check<UsageError>(!kilm::finetuning::is_finetuning(json),
                      "{}: is a run of kilm finetune; kilm finetune --resume continues it", *settings.run);
    config = kilm::training::train_config_from_json(json, path);
    config.out = *absolute(settings.run);  // wherever it was moved
  }
  const std::optional<std::string> data = absolute(settings.data), plain_data = absolute(settings.plain_data);
  const std::optional<std::string> model =
      settings.model ? absolute(kilm::bart::verified_model_folder(*settings.model)) : std::nullopt;
  if (resumed) {
    move_to(data, "data", config.data, config.data_digest, data_digest);
    move_to(model, "model", config.model, config.model_digest, kilm::bart::model_digest);
    move_to(plain_data, "plain data", config.plain_data, config.plain_data_digest, data_digest);
  } else {
    config.data = data.value_or("");
    config.model = model.value_or("");
    config.plain_data = plain_data.value_or("");
  }
  apply(absolute(settings.out), "out", config.out, !resumed);
  apply(settings.given, config, resumed);
  return config;
}

void require_data_and_model(const TrainConfig& config) {
  for (const auto& [option, value] : {std::pair("data", config.data), {"model", config.model}})
    check<UsageError>(!value.empty(), "--{} is required", option);
}

}  // namespace tools
