// For tests of CUDA kernels beside the op cases: results of the emulated device against those of the CPU in f64, and
// the bits of all orders against each other.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "tensor/ops/elementwise.h"
#include "tensor/tensor.h"
#include "tests/cuda_on_cpu/on_device.h"
#include "tests/op_run.h"

namespace tests {

inline constexpr tensor::Device kCuda{tensor::DeviceType::cuda, 0};

inline std::vector<double> numbers(const Tensor& x) { return x.to({}).cast(DType::f64).to_vector<double>(); }

// Returns random numbers on the device, as `dtype` rounds them.
inline Tensor normal_on_device(const Shape& shape, DType dtype, uint64_t seed = 1) {
  return normal(shape, seed).cast(dtype).to(kCuda);
}
// Returns the same numbers on the CPU, in f64.
inline Tensor exact(const Tensor& x) { return x.to({}).cast(DType::f64); }

// Returns the same numbers behind an address that is a multiple of one element alone.
inline Tensor shifted(const Tensor& x) {
  const Tensor flat = Tensor::empty({x.numel() + 1}, x.dtype(), x.device());
  Tensor view = flat.narrow(0, 1, x.numel()).reshape(x.shape());
  view.copy_from(x);
  return view;
}

// Returns half a unit in the last place of `dtype`, of numbers around 1.
inline double rounding(DType dtype) { return dtype == DType::bf16 ? 0x1p-9 : 0x1p-24; }

// Checks that got is expected within `tolerance` times its largest number, or 1 if all are smaller.
inline void check_close(const Tensor& got, const Tensor& expected, double tolerance) {
  const std::vector<double> a = numbers(got), b = numbers(expected);
  REQUIRE(a.size() == b.size());
  double scale = 1, worst = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    scale = std::max(scale, std::fabs(b[i]));
    worst = std::max(worst, std::isnan(a[i] - b[i]) ? HUGE_VAL : std::fabs(a[i] - b[i]));
  }
  CHECK_MESSAGE(worst <= tolerance * scale, "error " << worst << ", allowed " << tolerance * scale);
}

// Checks the tensors that work() returns: those of every order have the same bits.
inline void check_all_orders(const std::function<std::vector<Tensor>()>& work) {
  std::vector<Tensor> first;
  for (const Options& way : all_orders()) {
    Options options = cuda_emulation::options();  // memory that is there stays protected, or open, as it is
    options.order = way.order;
    options.seed = way.seed;
    const WithOptions with(options);
    std::vector<Tensor> results;
    for (const Tensor& x : work()) results.push_back(x.to({}));
    if (first.empty()) first = results;
    for (size_t i = 0; i < results.size(); ++i) CHECK_MESSAGE(same_bits(results[i], first[i]), "result " << i);
  }
}

}  // namespace tests
