#include "nn/layers.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace nn;

namespace {

Tensor numbers(const Shape& shape, const std::vector<double>& values) { return Tensor::from(shape, values); }

void set(const Variable& parameter, const std::vector<double>& values) {
  Tensor value = parameter.value();
  value.copy_from(numbers(parameter.shape(), values));
}

std::vector<double> values(const Variable& x) { return x.value().cast(DType::f64).to_vector<double>(); }

}  // namespace

TEST_CASE("Linear is x times its transposed weight, plus its bias") {
  Linear layer(2, 3, DType::f64);
  CHECK(values(layer.forward(numbers({1, 2}, {1, 2}))) == std::vector<double>{0, 0, 0});
  set(layer.weight, {1, 2, 3, 4, 5, 6});
  set(layer.bias, {10, 20, 30});
  CHECK(values(layer.forward(numbers({1, 2}, {1, -1}))) == std::vector<double>{9, 19, 29});
  CHECK(layer.forward(Tensor::zeros({4, 5, 2}, DType::f64)).shape() == Shape{4, 5, 3});
}

TEST_CASE("LayerNorm starts as plain normalisation, and its residual step is the sum normalised") {
  LayerNorm layer(4, DType::f64, 0);
  const double a = std::sqrt(9.0 / 5), b = std::sqrt(1.0 / 5);
  const auto near = [](const std::vector<double>& got, const std::vector<double>& expected) {
    for (size_t i = 0; i < got.size(); ++i) CHECK(got[i] == doctest::Approx(expected[i]));
  };
  near(values(layer.forward(numbers({1, 4}, {1, 2, 3, 4}))), {-a, -b, b, a});
  near(values(layer.add_and_norm(numbers({1, 4}, {1, 1, 1, 1}), numbers({1, 4}, {0, 1, 2, 3}), 0)), {-a, -b, b, a});
  set(layer.weight, {1, 1, 2, 2});
  set(layer.bias, {0, 0, 0, 7});
  near(values(layer.forward(numbers({1, 4}, {1, 2, 3, 4}))), {-a, -b, 2 * b, 2 * a + 7});
}

TEST_CASE("Embedding gives the rows that ids name, in the shape of the ids") {
  Embedding table(3, 2, DType::f64);
  set(table.weight, {1, 2, 3, 4, 5, 6});
  const Variable rows = table.forward(Tensor::from({2, 1}, std::vector<int32_t>{2, 0}));
  CHECK(rows.shape() == Shape{2, 1, 2});
  CHECK(values(rows) == std::vector<double>{5, 6, 1, 2});
}

TEST_CASE("layers compute in the dtype that they were made with") {
  for (const DType dtype : {DType::f32, DType::f64, DType::bf16}) {
    Linear linear(2, 3, dtype);
    LayerNorm norm(3, dtype);
    CHECK(norm.forward(linear.forward(Tensor::zeros({4, 2}, dtype))).dtype() == dtype);
  }
  Linear linear(2, 3, DType::bf16);
  CHECK_THROWS_WITH_AS(linear.forward(Tensor::zeros({4, 2})),
                       "linear: w is bf16 and x is f32; they should have one dtype", base::Error);
}
