#include "autograd/ops/loss.h"

#include <doctest/doctest.h>

#include "autograd/ops/composite.h"
#include "autograd/ops/matmul.h"
#include "tensor/ops/loss.h"
#include "tests/op_case.h"

using namespace tests;

namespace {

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
       .reference =
           [](std::span<const Variable> in) {
             return std::vector{autograd::composite::cross_entropy(in[0], in[1].value())};
           },
       .errors = {{{normal({2, 3}), i32({0, 3})}, "cross_entropy: target 3 at position 1 is outside of [0, 3)"}}});
}

TEST_CASE("linear_cross_entropy") {
  // Sizes are tokens, width and vocabulary; the last has more tokens than one chunk holds.
  const auto weights = [](std::span<const Variable> in) {
    return in[4].value().cast(tensor::acc_dtype(in[0].dtype()));
  };
  check_op({.name = "linear_cross_entropy",
            .sizes = {{3, 4, 5}, {1, 1, 1}, {31, 8, 33}, {70, 2, 40001}},
            .inputs =
                [](const Sizes& s) {
                  return std::vector{normal({s[0], s[1]}), normal({s[2], s[1]}, 2), normal({s[2]}, 3),
                                     some_ignored({s[0]}, s[2]), positive({s[0]}, 4)};
                },
            .run =
                [=](std::span<const Variable> in) {
                  return std::vector{
                      autograd::linear_cross_entropy(in[0], in[1], in[2].value(), in[3].value(), weights(in)).sum};
                },
            .reference =
                [=](std::span<const Variable> in) {
                  return std::vector{
                      autograd::composite::linear_cross_entropy(in[0], in[1], in[2].value(), in[3].value(), weights(in))
                          .sum};
                },
            .f64_tolerance = 1e-11,
            .frozen = {2, 4}});
}

TEST_CASE("the losses of tokens are those of the sum, unweighted") {
  const Tensor hidden = normal({31, 8}), w = normal({33, 8}, 2), bias = normal({33}, 3);
  const Tensor targets = some_ignored({31}, 33), weights = positive({31}, 4);
  const autograd::TokenLoss loss = autograd::linear_cross_entropy(hidden, w, bias, targets, weights);
  const std::vector<double> got = loss.losses.to_vector<double>(), weight = weights.to_vector<double>();
  const Variable logits = autograd::linear(hidden, w, bias);
  const std::vector<double> expected = autograd::composite::cross_entropy(logits, targets).value().to_vector<double>();
  double sum = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    CHECK(got[i] == doctest::Approx(expected[i]).epsilon(1e-12));
    sum += weight[i] * got[i];
  }
  CHECK(got[1] == 0);
  CHECK(loss.sum.value().item() == doctest::Approx(sum).epsilon(1e-12));
}

TEST_CASE("linear_cross_entropy: the saved sums may be a view with gaps") {
  const Tensor hidden = normal({3, 4}), w = normal({5, 4}, 2), targets = i32({1, 0, 4}), weight = normal({3}, 3);
  const Tensor lse = tensor::linear_cross_entropy(hidden, w, {}, targets).lse;
  Tensor gaps = Tensor::full({3, 2}, 99, DType::f64).narrow(1, 0, 1).squeeze(1);
  gaps.copy_from(lse);
  const auto gradient = [&](const Tensor& sums) {
    const Tensor dhidden = Tensor::empty({3, 4}, DType::f64);
    tensor::linear_cross_entropy_backward({dhidden}, {}, hidden, w, {}, targets, sums, weight);
    return dhidden.to_vector<double>();
  };
  CHECK(gradient(gaps) == gradient(lse));
}
