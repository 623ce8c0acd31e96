#include "tensor/device.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"

using namespace tensor;

TEST_CASE("a device is read as it is written") {
  CHECK(parse_device("cpu") == Device{});
  CHECK(parse_device("cuda") == Device{DeviceType::cuda, 0});
  for (const Device device : {Device{}, Device{DeviceType::cuda, 0}, Device{DeviceType::cuda, 17}})
    CHECK(parse_device(to_string(device)) == device);
}

TEST_CASE("what names no device is refused") {
  for (const char* text : {"", "gpu", "CPU", "cpu:0", "cuda:", "cuda:-1", "cuda:1x", "cuda: 1", "cuda:99999999999"}) {
    CAPTURE(text);
    const std::string message = std::string(text) + " should be cpu, cuda or cuda:N";
    CHECK_THROWS_WITH_AS(parse_device(text), message.c_str(), base::UsageError);
  }
}
