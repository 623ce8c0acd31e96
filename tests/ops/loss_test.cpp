#include "autograd/ops/loss.h"

#include <doctest/doctest.h>

#include "autograd/ops/elementwise.h"
#include "autograd/ops/index.h"
#include "autograd/ops/matmul.h"
#include "autograd/ops/views.h"
#include "tests/op_case.h"

using namespace tests;

namespace {

// -log softmax(logits)[target] in small ops, 0 where the target is negative.
Variable by_definition(const Variable& logits, const Tensor& targets) {
  const int64_t t = logits.size(0), v = logits.size(1);
  std::vector<int32_t> ids = targets.to_vector<int32_t>();
  Tensor counted = Tensor::full({t}, 1, DType::f64);
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] >= 0) continue;
    ids[i] = 0;
    counted.mutable_data<double>()[i] = 0;
  }
  const Variable e = autograd::unary(tensor::Unary::exp, logits);
  const Variable sums = autograd::matmul(e, Tensor::full({v, 1}, 1, logits.dtype()));  // [t, 1]
  const Variable shares = autograd::pick(autograd::div(e, sums), i32(ids));
  return autograd::mul(autograd::scale(autograd::unary(tensor::Unary::log, shares), -1), counted.cast(logits.dtype()));
}

Tensor some_ignored(const Shape& shape, int64_t n) {
  Tensor targets = ids(shape, n, 9);
  if (targets.numel() > 1) targets.mutable_data<int32_t>()[1] = -100;
  return targets;
}

}  // namespace

TEST_CASE("cross_entropy") {
  check_op(
      {.name = "cross_entropy",
       .sizes = {{3, 5}, {1, 1}, {31, 33}, {2, 4099}},
       .inputs =
           [](const Sizes& s) {
             return std::vector{normal({s[0], s[1]}), some_ignored({s[0]}, s[1])};
           },
       .run = [](std::span<const Variable> in) { return std::vector{autograd::cross_entropy(in[0], in[1].value())}; },
       .reference = [](std::span<const Variable> in) { return std::vector{by_definition(in[0], in[1].value())}; },
       .dtypes = {DType::f32}});
}

TEST_CASE("linear_cross_entropy") {
  // Sizes are tokens, width and vocabulary; the last has more tokens than one chunk holds.
  check_op({.name = "linear_cross_entropy",
            .sizes = {{3, 4, 5}, {1, 1, 1}, {31, 8, 33}, {70, 2, 40001}},
            .inputs =
                [](const Sizes& s) {
                  return std::vector{normal({s[0], s[1]}), normal({s[2], s[1]}, 2), normal({s[2]}, 3),
                                     some_ignored({s[0]}, s[2]), positive({s[0]}, 4)};
                },
            .run =
                [](std::span<const Variable> in) {
                  const autograd::TokenLoss loss =
                      autograd::linear_cross_entropy(in[0], in[1], in[2].value(), in[3].value(), in[4].value());
                  return std::vector{loss.sum};
                },
            .reference =
                [](std::span<const Variable> in) {
                  const Variable losses = by_definition(autograd::linear(in[0], in[1], in[2]), in[3].value());
                  const int64_t t = in[0].size(0);
                  Variable sum = autograd::mul(losses, in[4]);
                  sum = autograd::matmul(Tensor::full({1, t}, 1, losses.dtype()), autograd::reshape(sum, {t, 1}));
                  return std::vector{autograd::reshape(sum, {})};
                },
            .dtypes = {DType::f32},
            .f64_tolerance = 1e-11,
            .frozen = {2, 4}});
}

TEST_CASE("the losses of tokens are those of the sum, unweighted") {
  const Tensor hidden = normal({31, 8}), w = normal({33, 8}, 2), bias = normal({33}, 3);
  const Tensor targets = some_ignored({31}, 33), weights = positive({31}, 4);
  const autograd::TokenLoss loss = autograd::linear_cross_entropy(hidden, w, bias, targets, weights);
  const std::vector<double> got = loss.losses.to_vector<double>(), weight = weights.to_vector<double>();
  const Variable logits = autograd::linear(hidden, w, bias);
  const std::vector<double> expected = by_definition(logits, targets).value().to_vector<double>();
  double sum = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    CHECK(got[i] == doctest::Approx(expected[i]).epsilon(1e-12));
    sum += weight[i] * got[i];
  }
  CHECK(got[1] == 0);
  CHECK(loss.sum.value().item() == doctest::Approx(sum).epsilon(1e-12));
}
