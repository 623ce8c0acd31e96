#include "autograd/ops/norm.h"

#include <doctest/doctest.h>

#include "autograd/ops/composite.h"
#include "tensor/ops/norm.h"
#include "tests/op_case.h"

using namespace tests;

namespace {

// Sizes are rows and width; the last has more rows than one partial sum of the gradients holds.
const std::vector<Sizes> kNormSizes = {{3, 5}, {1, 2}, {31, 33}, {0, 4}, {2, 4099}, {400, 33}};

}  // namespace

OP_CASE("layer_norm") {
  return {
      .name = "layer_norm",
      .sizes = kNormSizes,
      .inputs =
          [](const Sizes& s) {
            return std::vector{normal({s[0], s[1]}), normal({s[1]}, 2), normal({s[1]}, 3)};
          },
      .run = [](std::span<const Variable> in) { return std::vector{autograd::layer_norm(in[0], in[1], in[2], 1e-5f)}; },
      .reference =
          [](std::span<const Variable> in) {
            return std::vector{autograd::composite::layer_norm(in[0], in[1], in[2], 1e-5f)};
          },
      .errors = {{{normal({3, 5}), normal({4}), normal({5})},
                  "layer_norm: weight [4] and bias [5] must both be [5], the last dimension of x [3, 5]"}},
      .f64_tolerance = 1e-10};
}

OP_CASE("dropout_add_layer_norm") {
  return {
      .name = "dropout_add_layer_norm",
      .sizes = kNormSizes,
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
            return std::vector{autograd::composite::dropout_add_layer_norm(in[0], in[1], in[2], in[3], 1e-5f, 0.3f)};
          },
      .f64_tolerance = 1e-10};
}

TEST_CASE("layer_norm: the saved statistics may be views with gaps") {
  const Tensor x = normal({3, 5}), w = normal({5}, 2), b = normal({5}, 3), dy = normal({3, 5}, 4);
  const tensor::LayerNormResult result = tensor::layer_norm(x, w, b, 1e-5);
  const auto with_gaps = [](const Tensor& statistic) {
    Tensor gaps = Tensor::full({3, 2}, 99, DType::f64).narrow(1, 0, 1).squeeze(1);
    gaps.copy_from(statistic);
    return gaps;
  };
  const auto gradient = [&](const Tensor& mean, const Tensor& rstd) {
    return tensor::layer_norm_backward(dy, x, mean, rstd, w, {}, {}).to_vector<double>();
  };
  CHECK(gradient(with_gaps(result.mean), with_gaps(result.rstd)) == gradient(result.mean, result.rstd));
}
