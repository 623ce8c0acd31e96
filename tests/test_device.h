// The devices that op cases run on: the CPU, and what a program adds at its start.
#pragma once

#include <functional>
#include <vector>

#include "tensor/device.h"
#include "tensor/dtype.h"

namespace tests {

struct TestDevice {
  tensor::Device device;
  // Makes work on it run in another way, which may not change a bit: with more threads, in another order. Called with
  // 0, 1 and 2 for three ways, then with -1 for the usual one.
  void (*run_in_way)(int way);
};

void add_test_device(const TestDevice& device);
// Returns those that DEVICE=cpu or DEVICE=cuda leaves; all where it is not set.
std::vector<TestDevice> test_devices();
// Calls `test` with each of them. A check that fails in it names the device.
void on_each_device(const std::function<void(tensor::Device)>& test);
// Returns the floating types that a device computes with: f32, bf16, and on the CPU f64.
std::vector<tensor::DType> float_types(tensor::Device device);

}  // namespace tests
