// Matrix products: GFLOP/s, and the share of what the multiply-add units could do. That peak is measured between the
// repetitions of each product, because clocks change with load.
#include <algorithm>
#include <cstdio>
#include <numeric>
#include <vector>

#include "tensor/base/format.h"
#include "tensor/base/threads.h"
#include "tensor/kernels.h"
#include "tensor/ops/matmul.h"
#include "tools/bench/bench.h"

namespace bench {

namespace {

using namespace tensor;

// Twelve independent chains of x = x * a + b keep every multiply-add unit busy and fit the registers. They start from
// different values, or the compiler would compute one for all. The vectors are as wide as the instruction set; each
// function is compiled for it.
constexpr int kChains = 12, kSteps = 40000;

#define KILM_FMA_LOOP(name, target_flags, bytes)                                                                  \
  [[gnu::target(target_flags)]] float name() {                                                                    \
    using V = float __attribute__((vector_size(bytes)));                                                          \
    V x[kChains];                                                                                                 \
    for (int i = 0; i < kChains; ++i) x[i] = V{} + float(i);                                                      \
    const V a = V{} + 0.5f, b = V{} + 1.0f;                                                                       \
    for (int step = 0; step < kSteps; ++step) _Pragma("GCC unroll 16") for (V & chain : x) chain = chain * a + b; \
    V total{};                                                                                                    \
    for (const V& chain : x) total += chain;                                                                      \
    return total[0];                                                                                              \
  }

KILM_FMA_LOOP(fma_baseline, "sse2", 16)
KILM_FMA_LOOP(fma_avx2, "avx2,fma", 32)
KILM_FMA_LOOP(fma_avx512, "avx512f", 64)

#undef KILM_FMA_LOOP

// Measures f32 GFLOP/s of all threads together at this moment; baseline has no fused instruction: a multiplication, an
// addition.
double peak_now() {
  const std::string_view isa = cpu_backend().name;
  const auto loop = isa == "avx512" ? fma_avx512 : isa == "avx2" ? fma_avx2 : fma_baseline;
  const double lanes = isa == "avx512" ? 16 : isa == "avx2" ? 8 : 4;
  std::vector<double> rates(size_t(base::threads()));
  base::parallel_for(int64_t(rates.size()), 1, [&](int64_t i, int64_t) {
    volatile float sink = 0;
    const double seconds = best_seconds(0, [&] { sink = loop(); });
    rates[size_t(i)] = 2.0 * kChains * kSteps * lanes / seconds * 1e-9;
  });
  return std::accumulate(rates.begin(), rates.end(), 0.0);
}

struct Product {
  const char* what;
  int64_t batch, m, n, k;
  bool transpose_a, transpose_b;
  DType dtype;
};

const Product kProducts[] = {
    {"linear", 1, 512, 3072, 768, false, true, DType::f32},
    {"linear", 1, 512, 768, 3072, false, true, DType::f32},
    {"linear", 1, 4096, 768, 768, false, true, DType::f32},
    {"linear", 1, 512, 3072, 768, false, true, DType::bf16},
    {"linear", 1, 512, 3072, 768, false, true, DType::f64},
    {"input gradient", 1, 512, 768, 3072, false, false, DType::f32},
    {"weight gradient", 1, 3072, 768, 512, true, false, DType::f32},
    {"both transposed", 1, 768, 3072, 512, true, true, DType::f32},
    {"one token, vocabulary", 1, 1, 50270, 768, false, true, DType::f32},
    {"one token, vocabulary", 1, 1, 50270, 768, false, true, DType::bf16},
    {"eight tokens, vocabulary", 1, 8, 50270, 768, false, true, DType::f32},
    {"one token", 1, 1, 3072, 768, false, true, DType::f32},
    {"one token", 1, 1, 768, 3072, false, false, DType::f32},
    {"attention scores", 96, 128, 128, 64, false, true, DType::f32},
    {"attention values", 96, 128, 64, 128, false, false, DType::f32},
    {"small model, linear", 1, 1920, 128, 128, false, true, DType::f32},
    {"small model, linear", 1, 1920, 512, 128, false, true, DType::f32},
    {"small model, input gradient", 1, 1920, 128, 512, false, false, DType::f32},
    {"small model, weight gradient", 1, 512, 128, 1920, true, false, DType::f32},
    {"small model, vocabulary", 1, 1920, 2000, 128, false, true, DType::f32},
    {"small model, one token", 1, 1, 512, 128, false, true, DType::f32},
};

}  // namespace

void gemm(const Options& options) {
  if (!options.json)
    std::printf("%-28s %5s %3s %5s %6s %5s %5s %9s %9s %6s %8s\n", "product", "dtype", "op", "batch", "m", "n", "k",
                "GFLOP/s", "peak", "share", "GB/s");
  for (const Product& p : kProducts) {
    const Tensor a = filled(p.transpose_a ? Shape{p.batch, p.k, p.m} : Shape{p.batch, p.m, p.k}, p.dtype);
    const Tensor b = filled(p.transpose_b ? Shape{p.batch, p.n, p.k} : Shape{p.batch, p.k, p.n}, p.dtype);
    Tensor c = Tensor::empty({p.batch, p.m, p.n}, p.dtype);
    double peak = 0;
    const double seconds = best_seconds(
        options.seconds, [&] { matmul_into({c}, a, b, p.transpose_a, p.transpose_b); },
        [&] { peak = std::max(peak, peak_now()); });
    if (p.dtype == DType::f64) peak /= 2;
    const double gflops = 2.0 * double(p.batch * p.m * p.n * p.k) / seconds * 1e-9;
    const double gbytes = double(a.bytes() + b.bytes() + c.bytes()) / seconds * 1e-9;
    const std::string op = std::string(p.transpose_a ? "t" : "n") + (p.transpose_b ? "t" : "n");
    if (options.json) {
      base::Json line = result("gemm", options);
      line.set("product", p.what);
      line.set("dtype", name(p.dtype));
      line.set("op", op);
      line.set("batch", p.batch);
      line.set("m", p.m);
      line.set("n", p.n);
      line.set("k", p.k);
      line.set("seconds", seconds);
      line.set("gflops", gflops);
      line.set("peak_gflops", peak);
      line.set("share", gflops / peak);
      line.set("gbytes_per_second", gbytes);
      print(line);
    } else {
      std::printf("%-28s %5s %3s %5ld %6ld %5ld %5ld %9.1f %9.1f %5.0f%% %8.1f\n", p.what, name(p.dtype), op.c_str(),
                  long(p.batch), long(p.m), long(p.n), long(p.k), gflops, peak, 100 * gflops / peak, gbytes);
    }
    std::fflush(stdout);
  }
}

}  // namespace bench
