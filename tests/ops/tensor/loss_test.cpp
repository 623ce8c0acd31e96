// Ops of the family loss that have no gradient.
#include "tensor/ops/loss.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "tests/op_case.h"

using namespace tensor;

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
