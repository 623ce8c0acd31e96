// The harness of op cases where there is more than one device.
#include "tests/op_case.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
#include <string>

#include "autograd/ops/elementwise.h"
#include "tensor/ops/elementwise.h"
#include "tests/test_device.h"

using namespace tests;
using tensor::DeviceType;

namespace {

// While it lives, op cases run on all devices, whatever DEVICE says.
class AllDevices {
 public:
  AllDevices() { unsetenv("DEVICE"); }
  ~AllDevices() {
    if (!before_.empty()) setenv("DEVICE", before_.c_str(), 1);
  }
  AllDevices(const AllDevices&) = delete;
  AllDevices& operator=(const AllDevices&) = delete;

 private:
  std::string before_ = std::getenv("DEVICE") ? std::getenv("DEVICE") : "";
};

// Counts how often the checks run an op on each device.
std::map<DeviceType, int> runs_of(tensor::Unary op) {
  std::map<DeviceType, int> runs;
  const auto run = [&](std::span<const Variable> in) {
    ++runs[in[0].value().device().type];
    return std::vector{autograd::unary(op, in[0])};
  };
  const auto reference = [&](std::span<const Variable> in) { return std::vector{autograd::unary(op, in[0])}; };
  check_op({.name = tensor::name(op),
            .sizes = {{3, 5}, {1, 1}},
            .inputs =
                [](const Sizes& s) {
                  return std::vector{normal({s[0], s[1]})};
                },
            .run = run,
            .reference = reference});
  return runs;
}

}  // namespace

TEST_CASE("check_op: several ops of one test case are checked on every device, each as often as alone") {
  const AllDevices all;
  REQUIRE(test_devices().size() == 2);
  const auto alone = runs_of(tensor::Unary::neg);
  CHECK(alone.at(DeviceType::cpu) > 10);
  CHECK(alone.at(DeviceType::cuda) > 10);
  CHECK(runs_of(tensor::Unary::exp) == alone);
  CHECK(runs_of(tensor::Unary::tanh) == alone);
}
