// What a device does at best: the GB/s of a large copy, and the GFLOP/s of a large product of bf16 matrices. Kernels
// are measured against these, not against a data sheet.
#include <algorithm>
#include <cstdio>

#include "tensor/ops/elementwise.h"
#include "tensor/ops/matmul.h"
#include "tensor/random.h"
#include "tools/bench/bench.h"

namespace bench {

namespace {

using namespace tensor;

// Returns a matrix as a model may have it. A product of zeros, or of few different numbers, takes less power and runs
// faster.
Tensor random_matrix(int64_t rows, int64_t columns, Device device) {
  Tensor x = Tensor::empty({rows, columns}, DType::f32);
  random_normal_(x, 0, 1, {.key = philox_key(1, RandomDomain::data)});
  return x.cast(DType::bf16).to(device);
}

}  // namespace

void ceilings(const Options& options) {
  const Tensor x = filled({options.rows, 4096}, DType::bf16, options.device);
  Tensor y = Tensor::empty(x.shape(), x.dtype(), x.device());
  const double copy = best_seconds_on(options.device, options.seconds, [&] { y.copy_from(x); });
  const int64_t n = std::clamp<int64_t>(options.rows / 8, 16, 8192);
  const Tensor a = random_matrix(n, n, options.device), b = random_matrix(n, n, options.device);
  Tensor c = Tensor::empty({n, n}, DType::bf16, options.device);
  const double product = best_seconds_on(options.device, options.seconds, [&] { matmul_into({c}, a, b, false, true); });
  const double gbytes = 2 * double(x.bytes()) / copy * 1e-9, gflops = 2 * double(n * n * n) / product * 1e-9;
  if (!options.json) {
    std::printf("copy %.1f GB/s, product of bf16 %.1f GFLOP/s\n", gbytes, gflops);
    return;
  }
  base::Json line = result("ceilings", options);
  line.set("gbytes_per_second", gbytes);
  line.set("gflops", gflops);
  print(line);
}

}  // namespace bench
