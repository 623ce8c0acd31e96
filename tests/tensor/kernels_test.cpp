#include "tensor/kernels.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"

using namespace tensor;

TEST_CASE("the CPU has its backend from the start, CUDA the one that is registered") {
  const Device cpu{}, cuda{DeviceType::cuda, 0};
  CHECK(&kernels(cpu) == &cpu_backend());
  CHECK_THROWS_WITH_AS(kernels(cuda), "this build has no cuda backend", base::Error);
  static constexpr Backend stand_in{.name = "stand-in"};
  register_backend(DeviceType::cuda, [] { return &stand_in; });
  CHECK(&kernels(cuda) == &stand_in);
  CHECK(&kernels(cpu) == &cpu_backend());
  register_backend(DeviceType::cuda, []() -> const Backend* { return nullptr; });  // a build with CUDA, but no device
  CHECK_THROWS_WITH_AS(kernels(cuda), "this build has no cuda backend", base::Error);
  register_backend(DeviceType::cuda, nullptr);
  CHECK_THROWS_WITH_AS(kernels(cuda), "this build has no cuda backend", base::Error);
}

TEST_CASE("a table is found by its type") {
  static constexpr NormKernels norm{};
  constexpr Backend backend{.name = "norms", .norm = &norm};
  CHECK(table_of<NormKernels>(backend) == &norm);
  CHECK(table_of<LossKernels>(backend) == nullptr);
}
