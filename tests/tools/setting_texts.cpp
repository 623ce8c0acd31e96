#include "tests/tools/setting_texts.h"

#include "kilm/training/settings.h"
#include "tensor/base/choice.h"

using kilm::training::Setting;
using kilm::training::TrainConfig;

namespace {

SettingText text_of(const Setting<bool>& row) {
  const bool other = !(TrainConfig{}.*row.member);
  return {row.name, row.help, other ? "on" : "off", other, {}};
}
SettingText text_of(const Setting<int64_t>& row) {
  const int64_t other = TrainConfig{}.*row.member + 3;
  return {row.name, row.help, std::to_string(other), other, {}};
}
SettingText text_of(const Setting<tensor::Device>& row) { return {row.name, row.help, "cuda:1", "cuda:1", {}}; }
SettingText text_of(const Setting<double>& row) { return {row.name, row.help, "0.375", 0.375, {}}; }
template <class E>
SettingText text_of(const Setting<E>& row) {
  const std::vector<std::string> names = base::names_of(row.allowed);
  return {row.name, row.help, names.back(), names.back(), names};
}

}  // namespace

std::vector<SettingText> setting_texts() {
  std::vector<SettingText> texts;
  each(kilm::training::kSettings, [&](const auto& row) {
    // With knowledge off, two others may not be set.
    if (std::string_view(row.name) != "knowledge") texts.push_back(text_of(row));
  });
  return texts;
}

base::Json default_settings() { return kilm::training::to_json(TrainConfig{}); }
