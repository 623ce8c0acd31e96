#include "autograd/ops/norm.h"

#include <doctest/doctest.h>

#include "autograd/ops/elementwise.h"
#include "autograd/ops/matmul.h"
#include "tests/op_case.h"

using namespace tests;

namespace {

// (x - mean) / sqrt(variance + eps) w + b in small ops; means over rows are products with a matrix of 1 / d.
Variable by_definition(const Variable& x, const Variable& w, const Variable& b, double eps) {
  const int64_t d = x.size(1);
  const Tensor mean = Tensor::full({d, 1}, 1.0 / double(d), DType::f64).cast(x.dtype());
  const Variable centred = autograd::sub(x, autograd::matmul(x, mean));
  const Variable variance = autograd::matmul(autograd::mul(centred, centred), mean);
  const Variable deviation = autograd::unary(tensor::Unary::sqrt, autograd::affine(variance, 1, eps));
  return autograd::add(autograd::mul(autograd::div(centred, deviation), w), b);
}

const std::vector<Sizes> kSizes = {{3, 5}, {1, 2}, {31, 33}, {0, 4}, {2, 4099}};

}  // namespace

TEST_CASE("layer_norm") {
  check_op(
      {.name = "layer_norm",
       .sizes = kSizes,
       .inputs =
           [](const Sizes& s) {
             return std::vector{normal({s[0], s[1]}), normal({s[1]}, 2), normal({s[1]}, 3)};
           },
       .run =
           [](std::span<const Variable> in) { return std::vector{autograd::layer_norm(in[0], in[1], in[2], 1e-5f)}; },
       .reference =
           [](std::span<const Variable> in) { return std::vector{by_definition(in[0], in[1], in[2], double(1e-5f))}; },
       .errors = {{{normal({3, 5}), normal({4}), normal({5})},
                   "layer_norm: weight [4] and bias [5] must both be [5], the last dimension of x [3, 5]"}},
       .f64_tolerance = 1e-10});
}

TEST_CASE("dropout_add_layer_norm") {
  check_op(
      {.name = "dropout_add_layer_norm",
       .sizes = kSizes,
       .inputs =
           [](const Sizes& s) {
             return std::vector{normal({s[0], s[1]}), normal({s[0], s[1]}, 4), normal({s[1]}, 2), normal({s[1]}, 3)};
           },
       .run =
           [](std::span<const Variable> in) {
             return std::vector{autograd::dropout_add_layer_norm(in[0], in[1], in[2], in[3], 1e-5f, 0.3f)};
           },
       .reference =
           [](std::span<const Variable> in) {
             const Variable sum = autograd::add(in[1], autograd::dropout(in[0], 0.3f));
             return std::vector{by_definition(sum, in[2], in[3], double(1e-5f))};
           },
       .f64_tolerance = 1e-10});
}
