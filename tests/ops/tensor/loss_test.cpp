// Ops of the family loss that have no gradient.
#include "tensor/ops/loss.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "tests/op_case.h"
#include "tests/test_device.h"

using namespace tensor;
using tests::float_types;
using tests::on_each_device;

TEST_CASE("log_sum_exp is the logarithm of the sum of exponentials of each row") {
  for (const int64_t v : {1, 5, 33, 4099}) {
    const Tensor logits = tests::normal({3, 2, v});
    const std::vector<double> x = logits.to_vector<double>(), got = log_sum_exp(logits).to_vector<double>();
    const Tensor single = log_sum_exp(logits.cast(DType::f32));
    CHECK(single.shape() == Shape{3, 2});
    CHECK(single.dtype() == DType::f32);
    CHECK(log_sum_exp(logits.cast(DType::bf16)).dtype() == DType::f32);
    for (size_t r = 0; r < 6; ++r) {
      double sum = 0;
      for (size_t i = 0; i < size_t(v); ++i) sum += std::exp(x[r * size_t(v) + i]);
      CHECK(got[r] == doctest::Approx(std::log(sum)).epsilon(1e-13));
      CHECK(single.to_vector<float>()[r] == doctest::Approx(std::log(sum)).epsilon(1e-5));
    }
  }
  const Tensor far = Tensor::from({2, 2}, std::vector<float>{1000, 1000, -HUGE_VALF, 0});
  CHECK(log_sum_exp(far).to_vector<float>()[0] == doctest::Approx(1000 + std::log(2)));
  CHECK(log_sum_exp(far).to_vector<float>()[1] == 0);
  CHECK(log_sum_exp(Tensor::zeros({0, 3})).shape() == Shape{0});
}

TEST_CASE("group_sums adds the losses of each group to what its sum holds, and those of no group to none") {
  on_each_device([](Device device) {
    for (const DType dtype : float_types(device)) {
      if (dtype == DType::bf16) continue;  // no loss is
      const Tensor loss = Tensor::from({6}, std::vector<double>{1, 2, 4, 8, 16, 32}, device).cast(dtype);
      const Ids groups = Ids::from(std::vector<int32_t>{2, 0, -1, 2, 0, -5}, device);
      Tensor sums = Tensor::from({3}, std::vector<double>{100, 200, 300}, device);
      group_sums_(sums, loss, groups);
      CHECK(sums.to_vector<double>() == std::vector<double>{118, 200, 309});
      group_sums_(sums, loss.narrow(0, 0, 0), Ids::from(std::vector<int32_t>{}, device));
      CHECK(sums.to_vector<double>() == std::vector<double>{118, 200, 309});
    }
  });
}

TEST_CASE("group_sums keeps in f64 what f32 sums would lose") {
  on_each_device([](Device device) {
    Tensor sums = Tensor::from({1}, std::vector<double>{1e9}, device);
    group_sums_(sums, Tensor::full({4}, 0.25, DType::f32, device), Ids::from(std::vector<int32_t>{0, 0, 0, 0}, device));
    CHECK(sums.item() == 1e9 + 1);
  });
}

TEST_CASE("group_sums refuses groups that there are not, and lists that do not fit") {
  on_each_device([](Device device) {
    Tensor sums = Tensor::zeros({3}, DType::f64, device), narrow = Tensor::zeros({3}, DType::f32, device);
    const Tensor loss = Tensor::zeros({2}, DType::f32, device);
    CHECK_THROWS_WITH_AS(group_sums_(sums, loss, Ids::from(std::vector<int32_t>{1, 3}, device)),
                         "group_sums: target 3 at position 1 is outside of [0, 3)", base::Error);
    CHECK_THROWS_WITH_AS(group_sums_(sums, loss, Ids::from(std::vector<int32_t>{1}, device)),
                         "group_sums: groups [1] should be one per loss, [2]", base::Error);
    CHECK_THROWS_WITH_AS(group_sums_(narrow, loss, Ids::from(std::vector<int32_t>{1, 2}, device)),
                         "group_sums: sums are f32 [3]; they should be f64 [n], row-major", base::Error);
  });
}
