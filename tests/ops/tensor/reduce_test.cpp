#include "tensor/ops/reduce.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace tensor;

TEST_CASE("max gives the first of the largest numbers of a dimension") {
  const Tensor x = Tensor::from({2, 3}, std::vector<float>{1, 5, 5, -1, -3, -2});
  const MaxResult rows = max(x, 1);
  CHECK(rows.values.to_vector<float>() == std::vector<float>{5, -1});
  CHECK(rows.indices.to_vector<int32_t>() == std::vector<int32_t>{1, 0});
  const MaxResult columns = max(x, 0, true);
  CHECK(columns.values.shape() == Shape{1, 3});
  CHECK(columns.indices.to_vector<int32_t>() == std::vector<int32_t>{0, 0, 0});
  CHECK_THROWS_WITH_AS(max(Tensor::zeros({2, 0}, DType::f32), 1), "max: dimension 1 of [2, 0] is empty", base::Error);
}

TEST_CASE("square_norm sums the squares of long tensors exactly enough") {
  CHECK(square_norm(Tensor::full({100001}, 0.5, DType::f32)).item() == 25000.25);
  CHECK(square_norm(Tensor::zeros({0}, DType::f64)).item() == 0);
}

TEST_CASE("all_finite sees one bad number anywhere") {
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    for (const int64_t at : {0, 7, 4096, 70000}) {
      Tensor x = Tensor::full({70001}, 3e38, DType::f32);
      CHECK(*all_finite(x).data<uint8_t>() == 1);
      x.mutable_data<float>()[at] = float(bad);
      CHECK(*all_finite(x).data<uint8_t>() == 0);
    }
  }
}
