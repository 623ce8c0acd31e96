#include "tensor/ops/update.h"

#include "tensor/base/error.h"
#include "tests/cuda_on_cpu/compare.h"

using namespace tests;

namespace {

// Flat buffers of n numbers on a device.
struct Buffers {
  Tensor working, master, m, v, grad;

  Buffers(int64_t n, DType dtype, tensor::Device device)
      : working(normal({n}).cast(dtype).to(device)),
        master(dtype == DType::f32 ? working : normal({n}).cast(DType::f32).to(device)),
        m(normal({n}, 2).cast(DType::f32).to(device)),
        v(positive({n}, 3).cast(DType::f32).to(device)),
        grad(normal({n}, 4).cast(DType::f32).to(device)) {}

  void step(double clip, const tensor::AdamWOptions& options) {
    adamw(working, master, m, v, grad, Tensor::full({1}, clip, DType::f64, grad.device()), options);
  }
  std::vector<Tensor> all() const { return {working, master, m, v}; }
  Buffers odd() const {
    Buffers b = *this;
    b.master = shifted(master);
    b.working = working.dtype() == DType::f32 ? b.master : shifted(working);
    return b;
  }
};

const tensor::AdamWOptions kOptions{.learning_rate = 0.125, .weight_decay = 0.5, .decayed = 0, .step = 3};

}  // namespace

TEST_CASE("adamw: a step on the device is the CPU's, with a border of decay anywhere") {
  for (const DType dtype : {DType::f32, DType::bf16})
    for (const int64_t n : {0, 1, 31, 33, 4099})
      for (const int64_t decayed : {int64_t(0), n / 3, n}) {
        tensor::AdamWOptions options = kOptions;
        options.decayed = decayed;
        Buffers host(n, dtype, {}), device(n, dtype, kCuda);
        Buffers odd = Buffers(n, dtype, kCuda).odd();
        host.step(0.5, options);
        device.step(0.5, options);
        odd.step(0.5, options);
        for (size_t i = 0; i < 4; ++i) {
          check_close(device.all()[i], host.all()[i], 4 * rounding(i == 0 ? dtype : DType::f32));
          CHECK(same_bits(odd.all()[i], device.all()[i]));
        }
        CHECK(same_bits(device.working, device.master.cast(dtype)));
      }
}

TEST_CASE("adamw: a clip factor of 0 or nan on the device leaves everything as it is") {
  for (const double clip : {0.0, std::nan("")}) {
    Buffers b(33, DType::bf16, kCuda);
    const Buffers before(33, DType::bf16, kCuda);
    b.grad.fill(HUGE_VAL);
    b.step(clip, kOptions);
    for (size_t i = 0; i < 4; ++i) CHECK(same_bits(b.all()[i], before.all()[i]));
  }
}

TEST_CASE("adamw: bits do not depend on the order of threads and blocks") {
  check_all_orders([] {
    Buffers b(4099, DType::bf16, kCuda);
    b.step(0.5, kOptions);
    return b.all();
  });
}

TEST_CASE("clip_factor on the device is the CPU's, and 0 where anything is not finite") {
  const auto number = [](double x) { return Tensor::full({1}, x, DType::f64, kCuda); };
  for (const double square : {16.0, 0.25, 0.0, 3.0, HUGE_VAL, std::nan("")})
    for (const double max_norm : {0.0, 1.0}) {
      const Tensor got = tensor::clip_factor(number(square), max_norm);
      CHECK(got.item() == tensor::clip_factor(number(square).to({}), max_norm).item());
    }
  for (const int64_t n : {0, 1, 33, 70}) {
    Tensor losses = Tensor::full({n}, -2, DType::f64, kCuda);
    CHECK(tensor::clip_factor(number(16), 1, losses).item() == 0.25);
    if (n == 0) continue;
    losses.narrow(0, n - 1, 1).fill(-HUGE_VAL);
    CHECK(tensor::clip_factor(number(16), 1, losses).item() == 0);
  }
}
