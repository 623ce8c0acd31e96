#include "tests/test_device.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string_view>

#include "tensor/base/threads.h"

namespace tests {

namespace {

void set_cpu_threads(int way) {
  static const int usual = base::threads();
  base::set_threads(way < 0 ? usual : way == 0 ? 1 : 4);
}

std::vector<TestDevice>& all_devices() {
  static std::vector<TestDevice> devices = {{{}, set_cpu_threads}};
  return devices;
}

}  // namespace

void add_test_device(const TestDevice& device) { all_devices().push_back(device); }

std::vector<TestDevice> test_devices() {
  std::vector<TestDevice> devices = all_devices();
  if (const char* only = std::getenv("DEVICE"))
    std::erase_if(devices, [&](const TestDevice& d) { return only != std::string_view(tensor::name(d.device.type)); });
  return devices;
}

void on_each_device(const std::function<void(tensor::Device)>& test) {
  for (const TestDevice& device : test_devices()) {
    INFO("on " << tensor::to_string(device.device));
    test(device.device);
  }
}

std::vector<tensor::DType> float_types(tensor::Device device) {
  using tensor::DType;
  if (device == tensor::Device{}) return {DType::f32, DType::bf16, DType::f64};
  return {DType::f32, DType::bf16};
}

}  // namespace tests
