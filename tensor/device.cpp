#include "tensor/device.h"

#include <charconv>

#include "tensor/base/format.h"

namespace tensor {

const char* name(DeviceType type) {
  static constexpr const char* kNames[] = {"cpu", "cuda"};
  return kNames[size_t(type)];
}

std::string to_string(const Device& device) {
  return device.type == DeviceType::cpu ? name(device.type)
                                        : std::string(name(device.type)) + ":" + std::to_string(device.index);
}

Device parse_device(std::string_view text) {
  if (text == "cpu") return {};
  if (text == "cuda") return {DeviceType::cuda, 0};
  Device device{DeviceType::cuda, -1};
  constexpr std::string_view kNumbered = "cuda:";
  if (text.starts_with(kNumbered)) {
    const auto [end, error] = std::from_chars(text.data() + kNumbered.size(), text.data() + text.size(), device.index);
    if (error != std::errc() || end != text.data() + text.size()) device.index = -1;
  }
  base::check<base::UsageError>(device.index >= 0, "{} should be cpu, cuda or cuda:N", text);
  return device;
}

}  // namespace tensor
