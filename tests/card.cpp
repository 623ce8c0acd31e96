// Makes the first GPU one of the devices that the tests of a program run on.
#include "tensor/cuda/backend.h"
#include "tests/test_device.h"

namespace {

const bool registered = [] {
  tensor::register_backend(tensor::DeviceType::cuda, tensor::cuda::backend);
  tests::add_test_device({{tensor::DeviceType::cuda, 0}, [](int) {}});  // a card has no other way to work
  return true;
}();

}  // namespace
