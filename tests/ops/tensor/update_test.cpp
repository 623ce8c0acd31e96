#include "tensor/ops/update.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>
#include "tests/test_device.h"

using namespace tensor;
using tests::float_types;
using tests::on_each_device;

namespace {

Tensor number(double value, Device device) { return Tensor::full({1}, value, DType::f64, device); }

// Flat buffers of n numbers, all different.
struct Buffers {
  Tensor working, master, m, v, grad;

  Buffers(int64_t n, DType dtype, Device device) {
    std::vector<double> values;
    for (int64_t i = 0; i < n; ++i) values.push_back(double((i * 37) % 101) / 50.0 - 1.0);
    const Tensor x = Tensor::from({n}, values, device);
    const DType state = acc_dtype(dtype);
    working = x.cast(dtype).clone();
    master = dtype == state ? working : x.cast(state).clone();
    m = Tensor::zeros({n}, state, device);
    v = Tensor::zeros({n}, state, device);
    grad = x.cast(state).clone();
  }
  std::vector<double> weights() const { return master.cast(DType::f64).to_vector<double>(); }
};

}  // namespace

TEST_CASE("adamw: the first step moves every weight by the rate against the sign of its gradient") {
  on_each_device([](Device device) {
    // Bias correction makes m / sqrt(v) of the first step sign(g).
    for (const DType dtype : float_types(device)) {
      for (const int64_t n : {0, 1, 31, 33, 4099}) {
        Buffers b(n, dtype, device);
        const std::vector<double> before = b.weights(), g = b.grad.cast(DType::f64).to_vector<double>();
        adamw(b.working, b.master, b.m, b.v, b.grad, number(1, device), {.learning_rate = 0.125, .eps = 0});
        const std::vector<double> after = b.weights();
        for (size_t i = 0; i < after.size(); ++i) {
          if (g[i] == 0) continue;  // 0 / 0
          CHECK(after[i] - before[i] == doctest::Approx(g[i] > 0 ? -0.125 : 0.125).epsilon(1e-4));
        }
        CHECK(b.working.cast(DType::f64).to_vector<double>().size() == after.size());
      }
    }
  });
}

TEST_CASE("adamw: bf16 weights are the rounded master copy, which keeps small steps") {
  on_each_device([](Device device) {
    Buffers b(100, DType::bf16, device);
    const std::vector<double> before = b.weights();
    for (int64_t step = 1; step <= 20; ++step)
      adamw(b.working, b.master, b.m, b.v, b.grad, number(1, device), {.learning_rate = 1e-5, .step = step});
    const std::vector<double> after = b.weights();
    CHECK(b.working.cast(DType::f32).to_vector<float>() ==
          b.master.cast(DType::bf16).cast(DType::f32).to_vector<float>());
    CHECK(after[0] - before[0] == doctest::Approx(2e-4).epsilon(0.01));
  });
}

TEST_CASE("adamw: one call gives the bits of two, for the numbers that decay and for the rest") {
  on_each_device([](Device device) {
    for (const int64_t decayed : {0, 7, 64, 100000, 100001}) {
      Buffers whole(100001, DType::f32, device), parts(100001, DType::f32, device);
      AdamWOptions options{.learning_rate = 0.1, .weight_decay = 0.5, .decayed = decayed};
      adamw(whole.working, whole.master, whole.m, whole.v, whole.grad, number(0.5, device), options);
      for (const bool decays : {true, false}) {
        const int64_t begin = decays ? 0 : decayed, count = decays ? decayed : 100001 - decayed;
        const auto part = [&](const Tensor& x) { return x.narrow(0, begin, count); };
        Tensor working = part(parts.working), master = part(parts.master), m = part(parts.m), v = part(parts.v);
        options.weight_decay = decays ? 0.5 : 0;
        options.decayed = count;
        adamw(working, master, m, v, part(parts.grad), number(0.5, device), options);
      }
      CHECK(whole.master.to_vector<float>() == parts.master.to_vector<float>());
      CHECK(whole.m.to_vector<float>() == parts.m.to_vector<float>());
      CHECK(whole.v.to_vector<float>() == parts.v.to_vector<float>());
    }
  });
}

TEST_CASE("adamw: a clip factor of 0 or nan leaves everything as it is") {
  on_each_device([](Device device) {
    for (const double clip : {0.0, std::nan("")}) {
      Buffers b(40, DType::f32, device);
      b.grad.fill(HUGE_VAL);
      const std::vector<double> before = b.weights();
      adamw(b.working, b.master, b.m, b.v, b.grad, number(clip, device),
            {.learning_rate = 0.1, .weight_decay = 0.5, .decayed = 20});
      CHECK(b.weights() == before);
      CHECK(b.m.to_vector<float>() == std::vector<float>(40, 0));
      CHECK(b.v.to_vector<float>() == std::vector<float>(40, 0));
    }
  });
}

TEST_CASE("adamw: buffers that do not belong together are refused") {
  on_each_device([](Device device) {
    Buffers b(4, DType::f32, device);
    Tensor short_m = Tensor::zeros({3}, DType::f32, device);
    CHECK_THROWS_WITH_AS(
        adamw(b.working, b.master, short_m, b.v, b.grad, number(1, device), {}),
        "adamw: working [4], master [4], m [3], v [4] and grad [4] must be flat, contiguous and of one "
        "size",
        base::Error);
    CHECK_THROWS_WITH_AS(adamw(b.working, b.master, b.m, b.v, b.grad, Tensor::zeros({1}, DType::f32, device), {}),
                         "adamw: the clip factor is f32 [1]; it should be f64 [1]", base::Error);
    CHECK_THROWS_WITH_AS(adamw(b.working, b.master, b.m, b.v, b.grad, number(1, device), {.step = 0}),
                         "adamw: step is 0; steps count from 1", base::Error);
    CHECK_THROWS_WITH_AS(adamw(b.working, b.master, b.m, b.v, b.grad, number(1, device), {.decayed = 5}),
                         "adamw: 5 numbers decay; they should be 0 to 4, all there are", base::Error);
  });
}

TEST_CASE("clip_factor scales a gradient down to the norm asked for, and to 0 if it is not finite") {
  on_each_device([](Device device) {
    CHECK(clip_factor(number(16, device), 1).item() == 0.25);
    CHECK(clip_factor(number(0.25, device), 1).item() == 1);
    CHECK(clip_factor(number(16, device), 0).item() == 1);
    CHECK(clip_factor(number(0, device), 1).item() == 1);
    CHECK(clip_factor(number(HUGE_VAL, device), 1).item() == 0);
    CHECK(clip_factor(number(std::nan(""), device), 1).item() == 0);
    CHECK(clip_factor(number(HUGE_VAL, device), 0).item() == 0);
  });
}

TEST_CASE("clip_factor is 0 where one of the losses is not finite") {
  on_each_device([](Device device) {
    const auto losses = [&](double last) { return Tensor::from({3}, std::vector<double>{1, -2, last}, device); };
    CHECK(clip_factor(number(16, device), 1, losses(3)).item() == 0.25);
    for (const double bad : {HUGE_VAL, -HUGE_VAL, std::nan("")})
      for (const double max_norm : {0.0, 1.0})
        CHECK(clip_factor(number(16, device), max_norm, losses(bad)).item() == 0);
    CHECK_THROWS_WITH_AS(clip_factor(number(16, device), 1, Tensor::zeros({3}, DType::f32, device)),
                         "clip_factor: losses f32 [3] should be f64 [n], row-major", base::Error);
  });
}
