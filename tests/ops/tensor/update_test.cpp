#include "tensor/ops/update.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace tensor;

namespace {

Tensor number(double value) { return Tensor::full({1}, value, DType::f64); }

// Flat buffers of n numbers, all different.
struct Buffers {
  Tensor working, master, m, v, grad;

  Buffers(int64_t n, DType dtype) {
    std::vector<double> values;
    for (int64_t i = 0; i < n; ++i) values.push_back(double((i * 37) % 101) / 50.0 - 1.0);
    const Tensor x = Tensor::from({n}, values);
    const DType state = acc_dtype(dtype);
    working = x.cast(dtype).clone();
    master = dtype == state ? working : x.cast(state).clone();
    m = Tensor::zeros({n}, state);
    v = Tensor::zeros({n}, state);
    grad = x.cast(state).clone();
  }
  std::vector<double> weights() const { return master.cast(DType::f64).to_vector<double>(); }
};

}  // namespace

TEST_CASE("adamw: the first step moves every weight by the rate against the sign of its gradient") {
  // Bias correction makes m / sqrt(v) of the first step sign(g).
  for (const DType dtype : {DType::f64, DType::f32, DType::bf16}) {
    for (const int64_t n : {0, 1, 31, 33, 4099}) {
      Buffers b(n, dtype);
      const std::vector<double> before = b.weights(), g = b.grad.cast(DType::f64).to_vector<double>();
      adamw(b.working, b.master, b.m, b.v, b.grad, number(1), {.learning_rate = 0.125, .eps = 0});
      const std::vector<double> after = b.weights();
      for (size_t i = 0; i < after.size(); ++i) {
        if (g[i] == 0) continue;  // 0 / 0
        CHECK(after[i] - before[i] == doctest::Approx(g[i] > 0 ? -0.125 : 0.125).epsilon(1e-4));
      }
      CHECK(b.working.cast(DType::f64).to_vector<double>().size() == after.size());
    }
  }
}

TEST_CASE("adamw: bf16 weights are the rounded master copy, which keeps small steps") {
  Buffers b(100, DType::bf16);
  const std::vector<double> before = b.weights();
  for (int64_t step = 1; step <= 20; ++step)
    adamw(b.working, b.master, b.m, b.v, b.grad, number(1), {.learning_rate = 1e-5, .step = step});
  const std::vector<double> after = b.weights();
  CHECK(b.working.cast(DType::f32).to_vector<float>() ==
        b.master.cast(DType::bf16).cast(DType::f32).to_vector<float>());
  CHECK(after[0] - before[0] == doctest::Approx(2e-4).epsilon(0.01));
}

TEST_CASE("adamw: one call gives the bits of two, for the numbers that decay and for the rest") {
  for (const int64_t decayed : {0, 7, 64, 100000, 100001}) {
    Buffers whole(100001, DType::f32), parts(100001, DType::f32);
    AdamWOptions options{.learning_rate = 0.1, .weight_decay = 0.5, .decayed = decayed};
    adamw(whole.working, whole.master, whole.m, whole.v, whole.grad, number(0.5), options);
    for (const bool decays : {true, false}) {
      const int64_t begin = decays ? 0 : decayed, count = decays ? decayed : 100001 - decayed;
      const auto part = [&](const Tensor& x) { return x.narrow(0, begin, count); };
      Tensor working = part(parts.working), master = part(parts.master), m = part(parts.m), v = part(parts.v);
      options.weight_decay = decays ? 0.5 : 0;
      options.decayed = count;
      adamw(working, master, m, v, part(parts.grad), number(0.5), options);
    }
    CHECK(whole.master.to_vector<float>() == parts.master.to_vector<float>());
    CHECK(whole.m.to_vector<float>() == parts.m.to_vector<float>());
    CHECK(whole.v.to_vector<float>() == parts.v.to_vector<float>());
  }
}

TEST_CASE("adamw: a clip factor of 0 or nan leaves everything as it is") {
  for (const double clip : {0.0, std::nan("")}) {
    Buffers b(40, DType::f32);
    b.grad.fill(HUGE_VAL);
    const std::vector<double> before = b.weights();
    adamw(b.working, b.master, b.m, b.v, b.grad, number(clip),
          {.learning_rate = 0.1, .weight_decay = 0.5, .decayed = 20});
    CHECK(b.weights() == before);
    CHECK(b.m.to_vector<float>() == std::vector<float>(40, 0));
    CHECK(b.v.to_vector<float>() == std::vector<float>(40, 0));
  }
}

TEST_CASE("adamw: buffers that do not belong together are refused") {
  Buffers b(4, DType::f32);
  Tensor short_m = Tensor::zeros({3});
  CHECK_THROWS_WITH_AS(adamw(b.working, b.master, short_m, b.v, b.grad, number(1), {}),
                       "adamw: working [4], master [4], m [3], v [4] and grad [4] must be flat, contiguous and of one "
                       "size",
                       base::Error);
  CHECK_THROWS_WITH_AS(adamw(b.working, b.master, b.m, b.v, b.grad, Tensor::zeros({1}), {}),
                       "adamw: the clip factor is f32 [1]; it should be f64 [1]", base::Error);
  CHECK_THROWS_WITH_AS(adamw(b.working, b.master, b.m, b.v, b.grad, number(1), {.step = 0}),
                       "adamw: step is 0; steps count from 1", base::Error);
  CHECK_THROWS_WITH_AS(adamw(b.working, b.master, b.m, b.v, b.grad, number(1), {.decayed = 5}),
                       "adamw: 5 numbers decay; they should be 0 to 4, all there are", base::Error);
}

TEST_CASE("clip_factor scales a gradient down to the norm asked for, and to 0 if it is not finite") {
  CHECK(clip_factor(number(16), 1).item() == 0.25);
  CHECK(clip_factor(number(0.25), 1).item() == 1);
  CHECK(clip_factor(number(16), 0).item() == 1);
  CHECK(clip_factor(number(0), 1).item() == 1);
  CHECK(clip_factor(number(HUGE_VAL), 1).item() == 0);
  CHECK(clip_factor(number(std::nan("")), 1).item() == 0);
  CHECK(clip_factor(number(HUGE_VAL), 0).item() == 0);
}

TEST_CASE("clip_factor is 0 where one of the losses is not finite") {
  const auto losses = [](double last) { return Tensor::from({3}, std::vector<double>{1, -2, last}); };
  CHECK(clip_factor(number(16), 1, losses(3)).item() == 0.25);
  for (const double bad : {HUGE_VAL, -HUGE_VAL, std::nan("")})
    for (const double max_norm : {0.0, 1.0}) CHECK(clip_factor(number(16), max_norm, losses(bad)).item() == 0);
  CHECK_THROWS_WITH_AS(clip_factor(number(16), 1, Tensor::zeros({3})),
                       "clip_factor: losses f32 [3] should be f64 [n], row-major", base::Error);
}
