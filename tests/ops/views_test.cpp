#include "autograd/ops/views.h"

#include <doctest/doctest.h>

#include "tests/op_case.h"

using namespace tests;

namespace {

// An op that moves numbers only: its result by indices, out[i] = in[from(i)] over row-major positions.
Variable moved(const Variable& x, const Shape& shape, const std::function<int64_t(int64_t)>& from) {
  const Tensor flat = x.value().cast(DType::f64).contiguous();
  Tensor y = Tensor::empty(shape, DType::f64);
  for (int64_t i = 0; i < y.numel(); ++i) y.mutable_data<double>()[i] = flat.data<double>()[from(i)];
  return y.cast(x.dtype());
}

const std::vector<Sizes> kSizes = {{3, 5}, {1, 1}, {31, 33}, {2, 4099}};

std::vector<Tensor> matrix(const Sizes& s) { return {normal({s[0], s[1]})}; }

}  // namespace

TEST_CASE("reshape") {
  check_op({.name = "reshape",
            .sizes = kSizes,
            .inputs = matrix,
            .run =
                [](std::span<const Variable> in) {
                  return std::vector{autograd::reshape(in[0], {-1, 1})};
                },
            .reference =
                [](std::span<const Variable> in) {
                  const int64_t n = in[0].value().numel();
                  return std::vector{moved(in[0], {n, 1}, [](int64_t i) { return i; })};
                }});
}

TEST_CASE("transpose") {
  check_op({.name = "transpose",
            .sizes = kSizes,
            .inputs = matrix,
            .run = [](std::span<const Variable> in) { return std::vector{autograd::transpose(in[0], 0, 1)}; },
            .reference =
                [](std::span<const Variable> in) {
                  const int64_t m = in[0].size(0), n = in[0].size(1);
                  return std::vector{moved(in[0], {n, m}, [=](int64_t i) { return i % m * n + i / m; })};
                }});
}

TEST_CASE("narrow") {
  check_op(
      {.name = "narrow",
       .sizes = {{3, 5}, {2, 2}, {31, 33}, {2, 4099}},
       .inputs = matrix,
       .run =
           [](std::span<const Variable> in) { return std::vector{autograd::narrow(in[0], 0, 1, in[0].size(0) - 1)}; },
       .reference =
           [](std::span<const Variable> in) {
             const int64_t m = in[0].size(0), n = in[0].size(1);
             return std::vector{moved(in[0], {m - 1, n}, [=](int64_t i) { return i + n; })};
           }});
}

TEST_CASE("expand") {
  check_op({.name = "expand",
            .sizes = kSizes,
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
                }});
}

TEST_CASE("cast") {
  const Variable x = Variable::parameter(normal({3, 5}).cast(DType::f32));
  const Variable y = autograd::cast(x, DType::bf16);
  CHECK(y.dtype() == DType::bf16);
  CHECK(y.value().cast(DType::f32).to_vector<float>() ==
        x.value().cast(DType::bf16).cast(DType::f32).to_vector<float>());
  const Variable back = autograd::cast(y, DType::f32);
  CHECK(back.requires_grad());
}
