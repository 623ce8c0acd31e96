#include "autograd/ops/views.h"

#include <doctest/doctest.h>

#include "autograd/engine.h"
#include "autograd/ops/elementwise.h"
#include "tests/op_case.h"

using namespace tests;

namespace {

// Returns an op that moves numbers only: its result by indices, out[i] = in[from(i)] over row-major positions.
Variable moved(const Variable& x, const Shape& shape, const std::function<int64_t(int64_t)>& from) {
  const Tensor flat = x.value().cast(DType::f64).contiguous();
  Tensor y = Tensor::empty(shape, DType::f64);
  for (int64_t i = 0; i < y.numel(); ++i) y.mutable_data<double>()[i] = flat.data<double>()[from(i)];
  return y.cast(x.dtype());
}

const std::vector<Sizes> kViewSizes = {{3, 5}, {1, 1}, {31, 33}, {2, 4099}};

std::vector<Tensor> matrix(const Sizes& s) { return {normal({s[0], s[1]})}; }

}  // namespace

OP_CASE("reshape") {
  return {.name = "reshape",
          .sizes = kViewSizes,
          .inputs = matrix,
          .run =
              [](std::span<const Variable> in) {
                return std::vector{autograd::reshape(in[0], {-1, 1})};
              },
          .reference =
              [](std::span<const Variable> in) {
                const int64_t n = in[0].value().numel();
                return std::vector{moved(in[0], {n, 1}, [](int64_t i) { return i; })};
              }};
}

OP_CASE("transpose") {
  return {.name = "transpose",
          .sizes = kViewSizes,
          .inputs = matrix,
          .run = [](std::span<const Variable> in) { return std::vector{autograd::transpose(in[0], 0, 1)}; },
          .reference =
              [](std::span<const Variable> in) {
                const int64_t m = in[0].size(0), n = in[0].size(1);
                return std::vector{moved(in[0], {n, m}, [=](int64_t i) { return i % m * n + i / m; })};
              }};
}

OP_CASE("narrow") {
  return {
      .name = "narrow",
      .sizes = {{3, 5}, {2, 2}, {31, 33}, {2, 4099}},
      .inputs = matrix,
      .run = [](std::span<const Variable> in) { return std::vector{autograd::narrow(in[0], 0, 1, in[0].size(0) - 1)}; },
      .reference =
          [](std::span<const Variable> in) {
            const int64_t m = in[0].size(0), n = in[0].size(1);
            return std::vector{moved(in[0], {m - 1, n}, [=](int64_t i) { return i + n; })};
          }};
}

OP_CASE("select") {
  return {
      .name = "reshape",  // of what narrow gives
      .sizes = kViewSizes,
      .inputs = matrix,
      .run = [](std::span<const Variable> in) { return std::vector{autograd::select(in[0], 0, in[0].size(0) - 1)}; },
      .reference =
          [](std::span<const Variable> in) {
            const int64_t m = in[0].size(0), n = in[0].size(1);
            return std::vector{moved(in[0], {n}, [=](int64_t i) { return (m - 1) * n + i; })};
          }};
}

OP_CASE("expand") {
  return {.name = "expand",
          .sizes = kViewSizes,
          .inputs =
              [](const Sizes& s) {
                return std::vector{normal({1, s[1]})};
              },
          .run =
              [](std::span<const Variable> in) {
                return std::vector{autograd::expand(in[0], {3, in[0].size(1)})};
              },
          .reference =
              [](std::span<const Variable> in) {
                const int64_t n = in[0].size(1);
                return std::vector{moved(in[0], {3, n}, [=](int64_t i) { return i % n; })};
              }};
}

OP_CASE("cast") {
  return {
      .name = "cast",
      .sizes = kViewSizes,
      .inputs = matrix,
      .run = [](std::span<const Variable> in) { return std::vector{autograd::cast(in[0], DType::f64)}; },
      .reference = [](std::span<const Variable> in) { return std::vector<Variable>{in[0].value().cast(DType::f64)}; }};
}

TEST_CASE("the gradient of a cast has the dtype that the value had, and its rounding") {
  const Variable x = Variable::parameter(normal({3, 5}).cast(DType::f32));
  const Variable y = autograd::cast(autograd::scale(x, 1), DType::bf16);
  CHECK(y.dtype() == DType::bf16);
  CHECK(y.value().cast(DType::f64).to_vector<double>() ==
        x.value().cast(DType::bf16).cast(DType::f64).to_vector<double>());
  const Tensor seed = normal({3, 5}, 2).cast(DType::bf16);
  autograd::backward(y, seed);
  CHECK(x.grad().dtype() == DType::f32);
  CHECK(x.grad().to_vector<float>() == seed.cast(DType::f32).to_vector<float>());
}

OP_CASE("concat") {
  // Sizes are rows of the parts, and columns; the middle part is one row.
  return {
      .name = "concat",
      .sizes = {{3, 5}, {1, 1}, {31, 33}, {0, 4}, {2, 4099}},
      .inputs =
          [](const Sizes& s) {
            return std::vector{normal({s[0], s[1]}), normal({1, s[1]}, 2), normal({s[0], s[1]}, 3)};
          },
      .run = [](std::span<const Variable> in) { return std::vector{autograd::concat(in, 0)}; },
      .reference =
          [](std::span<const Variable> in) {
            std::vector<double> all;
            for (const Variable& part : in)
              for (double v : part.value().cast(DType::f64).to_vector<double>()) all.push_back(v);
            return std::vector<Variable>{Tensor::from({2 * in[0].size(0) + 1, in[0].size(1)}, all).cast(in[0].dtype())};
          },
      .errors = {{{normal({2, 3}), normal({2, 4}), normal({2, 3})},
                  "concat: f64 [2, 3] and f64 [2, 4] should differ in nothing but dimension 0"}}};
}

TEST_CASE("concat along the last dimension puts rows beside each other") {
  const Tensor a = Tensor::from({2, 1}, std::vector<float>{1, 4}),
               b = Tensor::from({2, 2}, std::vector<float>{2, 3, 5, 6});
  const Variable parts[] = {a, b};
  CHECK(autograd::concat(parts, -1).value().to_vector<float>() == std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK_THROWS_WITH_AS(autograd::concat({}, 0), "concat: no parts", base::Error);
}
