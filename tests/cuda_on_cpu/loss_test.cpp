#include "tensor/ops/loss.h"

#include <cmath>

#include "tensor/cuda/backend.h"
#include "tensor/ops/elementwise.h"
#include "tests/cuda_on_cpu/on_device.h"
#include "tests/op_case.h"

using namespace tests;
using tensor::Device;
using tensor::DeviceType;

namespace {

const Device kCuda{DeviceType::cuda, 0};

double largest_difference(const Tensor& a, const Tensor& b) {
  const std::vector<double> x = a.to({}).cast(DType::f64).to_vector<double>(),
                            y = b.to({}).cast(DType::f64).to_vector<double>();
  REQUIRE(x.size() == y.size());
  double worst = 0;
  for (size_t i = 0; i < x.size(); ++i) worst = std::max(worst, x[i] == y[i] ? 0 : std::fabs(x[i] - y[i]));
  return worst;
}

}  // namespace

TEST_CASE("cross_entropy on cuda: rows of any width, stride and address, forward, backward and both in place") {
  for (const DType dtype : {DType::f32, DType::bf16})
    for (const int64_t v : {1, 7, 31, 33, 64, 4099, 9000, 60001})
      for (const int64_t first : {0, 1}) {
        INFO(v << " from " << first << " " << std::string(tensor::name(dtype)));
        const Tensor numbers = tensor::affine(normal({5, v}), 4, 0).cast(dtype);
        const Tensor targets = i32({int32_t(v - 1), -1, 0, int32_t(v / 2), -7});
        const Tensor weight = positive({5}, 2).cast(DType::f32);
        const tensor::CrossEntropy expected = tensor::cross_entropy(numbers, targets);
        const Tensor gradient = tensor::cross_entropy_backward(numbers, expected.lse, targets, weight);

        const int64_t width = (v + first + 7) / 8 * 8;
        const Tensor wide = Tensor::full({5, width}, 99, dtype, kCuda);
        Tensor logits = wide.narrow(1, first, v);
        logits.copy_from(numbers.to(kCuda));
        const tensor::CrossEntropy got = tensor::cross_entropy(logits, targets.to(kCuda));
        CHECK(largest_difference(got.loss, expected.loss) < 1e-5);
        CHECK(largest_difference(got.lse, expected.lse) < 1e-5);
        CHECK(largest_difference(tensor::log_sum_exp(logits), expected.lse) < 1e-5);
        const Tensor apart = tensor::cross_entropy_backward(logits, got.lse, targets.to(kCuda), weight.to(kCuda));
        CHECK(largest_difference(apart, gradient) < (dtype == DType::f32 ? 1e-5 : 1e-2));

        const tensor::LossKernels& kernels = *tensor::cuda::backend().loss;
        Tensor loss = Tensor::empty({5}, DType::f32, kCuda);
        kernels.cross_entropy_in_place(loss, logits, targets.to(kCuda), weight.to(kCuda));
        CHECK(largest_difference(logits, apart) == 0);
        CHECK(largest_difference(loss, got.loss) == 0);
        if (width > v + first)
          CHECK(largest_difference(wide.narrow(1, v + first, width - v - first),
                                   Tensor::full({5, width - v - first}, 99, dtype)) == 0);
      }
}

TEST_CASE("log_sum_exp on cuda: far numbers, and columns that were ruled out") {
  const float none = -HUGE_VALF;
  std::vector<float> numbers(2 * 5000, none);
  numbers[4321] = 1000;
  numbers[7] = 1000;
  const Tensor x = Tensor::from({2, 5000}, numbers).to(kCuda);
  const std::vector<float> got = tensor::log_sum_exp(x).to_vector<float>();
  CHECK(got[0] == doctest::Approx(1000 + std::log(2)));
  CHECK(got[1] == none);
  CHECK(std::isnan(tensor::log_sum_exp(Tensor::full({1, 600}, std::nan(""), DType::f32, kCuda)).item()));
}

TEST_CASE("group_sums on cuda: many losses, added in f64 to what the sums hold") {
  std::vector<float> losses(4099);
  std::vector<int32_t> groups(losses.size());
  std::vector<double> expected = {1e9, 0, -3};
  for (size_t i = 0; i < losses.size(); ++i) {
    losses[i] = float(i % 64) / 16;
    groups[i] = int32_t(i * 7 % 4) - 1;
    if (groups[i] >= 0) expected[size_t(groups[i])] += double(losses[i]);
  }
  Tensor sums = Tensor::from({3}, std::vector<double>{1e9, 0, -3}).to(kCuda);
  const Tensor loss = Tensor::from({4099}, losses).to(kCuda);
  tensor::group_sums_(sums, loss, tensor::Ids::from(groups, kCuda));
  CHECK(sums.to_vector<double>() == expected);
  tensor::group_sums_(sums, loss.narrow(0, 0, 0), tensor::Ids::from(std::vector<int32_t>{}, kCuda));
  CHECK(sums.to_vector<double>() == expected);
}

TEST_CASE("linear_cross_entropy on cuda holds all logits up to 4 GiB, else 8,192 rows or what fits") {
  const auto rows = tensor::cuda::backend().loss->chunk_rows;
  CHECK(rows(0, 50304, DType::bf16) == 1);
  CHECK(rows(32768, 50304, DType::bf16) == 32768);
  CHECK(rows(65536, 50304, DType::bf16) == 8192);
  CHECK(rows(65536, int64_t(1) << 20, DType::f32) == 1024);
  CHECK(rows(5, int64_t(1) << 40, DType::f32) == 1);
}
