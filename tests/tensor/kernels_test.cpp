#include "tensor/kernels.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"

using namespace tensor;

TEST_CASE("the CPU has its backend from the start, CUDA the one that is registered") {
  const Device cpu{}, cuda{DeviceType::cuda, 0};
  CHECK(&kernels(cpu) == &cpu_backend());
  const char* not_built = "this program was built without CUDA; configure with -DKILM_CUDA=ON";
  CHECK_THROWS_WITH_AS(kernels(cuda), not_built, base::UsageError);
  static constexpr Backend stand_in{.name = "stand-in"};
  register_backend(DeviceType::cuda, []() -> const Backend& { return stand_in; });
  CHECK(&kernels(cuda) == &stand_in);
  CHECK(&kernels(cpu) == &cpu_backend());
  register_backend(DeviceType::cuda, []() -> const Backend& { throw base::UsageError("no driver"); });
  CHECK_THROWS_WITH_AS(kernels(cuda), "no driver", base::UsageError);
  register_backend(DeviceType::cuda, nullptr);
  CHECK_THROWS_WITH_AS(kernels(cuda), not_built, base::UsageError);
}

TEST_CASE("a table is found by its type") {
  static constexpr NormKernels norm{};
  constexpr Backend backend{.name = "norms", .norm = &norm};
  CHECK(table_of<NormKernels>(backend) == &norm);
  CHECK(table_of<LossKernels>(backend) == nullptr);
}
