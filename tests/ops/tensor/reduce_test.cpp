#include "tensor/ops/reduce.h"

#include <doctest/doctest.h>

#include <cmath>
#include "tests/test_device.h"

using namespace tensor;
using tests::float_types;
using tests::on_each_device;

TEST_CASE("max gives the first of the largest numbers of a dimension") {
  on_each_device([](Device device) {
    const Tensor x = Tensor::from({2, 3}, std::vector<float>{1, 5, 5, -1, -3, -2}, device);
    const MaxResult rows = max(x, 1);
    CHECK(rows.values.to_vector<float>() == std::vector<float>{5, -1});
    CHECK(rows.indices.to_vector<int32_t>() == std::vector<int32_t>{1, 0});
    const MaxResult columns = max(x, 0, true);
    CHECK(columns.values.shape() == Shape{1, 3});
    CHECK(columns.indices.to_vector<int32_t>() == std::vector<int32_t>{0, 0, 0});
    CHECK_THROWS_WITH_AS(max(Tensor::zeros({2, 0}, DType::f32, device), 1), "max: dimension 1 of [2, 0] is empty",
                         base::Error);
  });
}

TEST_CASE("square_norm sums the squares of long tensors exactly enough") {
  on_each_device([](Device device) {
    CHECK(square_norm(Tensor::full({100001}, 0.5, DType::f32, device)).item() == 25000.25);
    for (const DType dtype : float_types(device)) CHECK(square_norm(Tensor::zeros({0}, dtype, device)).item() == 0);
  });
}

TEST_CASE("all_finite sees one bad number anywhere") {
  on_each_device([](Device device) {
    for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
      for (const int64_t at : {0, 7, 4096, 70000}) {
        Tensor x = Tensor::full({70001}, 3e38, DType::f32, device);
        CHECK(all_finite(x).item() == 1);
        x.narrow(0, at, 1).fill(bad);
        CHECK(all_finite(x).item() == 0);
      }
    }
  });
}
