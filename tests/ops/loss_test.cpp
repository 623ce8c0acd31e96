#include "autograd/ops/loss.h"

#include <doctest/doctest.h>

#include <cmath>

#include "autograd/engine.h"
#include "autograd/ops/composite.h"
#include "autograd/ops/elementwise.h"
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

OP_CASE("cross_entropy") {
  return {
      .name = "cross_entropy",
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
      .errors = {{{normal({2, 3}), i32({0, 3})}, "cross_entropy: target 3 at position 1 is outside of [0, 3)"}}};
}

OP_CASE("linear_cross_entropy") {
  // Sizes are tokens, width and vocabulary; the last has more tokens than one chunk holds.
  const auto weights = [](std::span<const Variable> in) {
    return in[4].value().cast(tensor::acc_dtype(in[0].dtype()));
  };
  return {
      .name = "linear_cross_entropy",
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
                autograd::composite::linear_cross_entropy(in[0], in[1], in[2].value(), in[3].value(), weights(in)).sum};
          },
      .f64_tolerance = 1e-11,
      .frozen = {2, 4}};
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

TEST_CASE("linear_cross_entropy: the weights may be a view with gaps") {
  const Tensor hidden = normal({3, 4}), w = normal({5, 4}, 2), targets = i32({1, 0, 4}), weight = normal({3}, 3);
  Tensor gaps = Tensor::full({3, 2}, 99, DType::f64).narrow(1, 0, 1).squeeze(1);
  gaps.copy_from(weight);
  const auto gradient = [&](const Tensor& weights) {
    return tensor::linear_cross_entropy_gradients(hidden, w, {}, targets, weights, true, false)
        .dhidden.to_vector<double>();
  };
  CHECK(gradient(gaps) == gradient(weight));
}

TEST_CASE("linear_cross_entropy: the loss is the same with gradients, of which only those that are wanted are made") {
  for (const DType dtype : {DType::f32, DType::bf16, DType::f64})
    for (const int64_t v : {5, 40001}) {
      const Tensor hidden = normal({70, 8}).cast(dtype), w = normal({v, 8}, 2).cast(dtype);
      const Tensor targets = some_ignored({70}, v), weight = positive({70}, 4).cast(tensor::acc_dtype(dtype));
      const auto gradients = [&](bool wants_dhidden, bool wants_dw) {
        return tensor::linear_cross_entropy_gradients(hidden, w, {}, targets, weight, wants_dhidden, wants_dw);
      };
      const auto numbers = [](const Tensor& x) { return x.cast(DType::f64).to_vector<double>(); };
      const tensor::LinearCrossEntropy both = gradients(true, true), none = gradients(false, false);
      CHECK(numbers(both.loss) == numbers(tensor::linear_cross_entropy(hidden, w, {}, targets).loss));
      CHECK(numbers(none.loss) == numbers(both.loss));
      CHECK_FALSE(none.dhidden.defined());
      CHECK_FALSE(none.dw.defined());
      CHECK(numbers(gradients(true, false).dhidden) == numbers(both.dhidden));
      CHECK(numbers(gradients(false, true).dw) == numbers(both.dw));
    }
}

TEST_CASE("linear_cross_entropy: the gradient is multiplied by that of the sum") {
  const auto gradients = [](double factor) {
    const Variable hidden = Variable::parameter(normal({3, 4})), w = Variable::parameter(normal({5, 4}, 2));
    const Variable sum = autograd::linear_cross_entropy(hidden, w, {}, i32({1, 0, 4}), positive({3}, 3)).sum;
    autograd::backward(autograd::scale(sum, factor));
    std::vector<double> all = hidden.grad().to_vector<double>();
    for (const double x : w.grad().to_vector<double>()) all.push_back(x);
    return all;
  };
  std::vector<double> expected = gradients(1);
  for (double& x : expected) x *= -0.5;
  CHECK(gradients(-0.5) == expected);
}

TEST_CASE("linear_cross_entropy: padding of the table changes no bit, and gets no gradient") {
  for (const DType dtype : {DType::f32, DType::bf16, DType::f64}) {
    for (const int64_t v : {1, 33, 128, 200, 40001}) {
      const int64_t padded = (v + 127) / 128 * 128;
      const Tensor hidden = normal({70, 8}).cast(dtype), rows = normal({v, 8}, 2).cast(dtype);
      const Tensor bias = normal({1, v}, 3).cast(dtype), targets = some_ignored({70}, v);
      const Tensor weight = positive({70}, 4).cast(tensor::acc_dtype(dtype)), table = Tensor::zeros({padded, 8}, dtype);
      table.narrow(0, 0, v).copy_from(rows);
      const auto results = [&](const Tensor& w) {
        const tensor::CrossEntropy forward = tensor::linear_cross_entropy(hidden, w, bias, targets);
        const auto [loss, dhidden, dw] =
            tensor::linear_cross_entropy_gradients(hidden, w, bias, targets, weight, true, true);
        for (const double rest : dw.narrow(0, v, w.size(0) - v).cast(DType::f64).to_vector<double>()) CHECK(rest == 0);
        std::vector<std::vector<double>> numbers;
        for (const Tensor& x : {forward.loss, forward.lse, loss, dhidden, dw.narrow(0, 0, v)})
          numbers.push_back(x.cast(DType::f64).to_vector<double>());
        return numbers;
      };
      INFO(std::string(tensor::name(dtype)) << ", " << v << " rows");
      CHECK((results(table) == results(rows)));
      const auto composite = autograd::composite::linear_cross_entropy(hidden, table, bias, targets, weight);
      CHECK(composite.losses.shape() == Shape{70});
    }
  }
}

TEST_CASE("cross_entropy: logits may be part of wider rows, of which the rest is neither read nor written") {
  const Tensor wide = Tensor::full({31, 40}, std::nan(""), DType::f32);
  Tensor logits = wide.narrow(1, 0, 33);
  logits.copy_from(normal({31, 33}));
  const Tensor targets = some_ignored({31}, 33), weight = positive({31}, 4).cast(DType::f32);
  const tensor::CrossEntropy got = tensor::cross_entropy(logits, targets),
                             expected = tensor::cross_entropy(logits.clone(), targets);
  CHECK(got.loss.to_vector<float>() == expected.loss.to_vector<float>());
  CHECK(tensor::cross_entropy_backward(logits, got.lse, targets, weight).to_vector<float>() ==
        tensor::cross_entropy_backward(logits.clone(), got.lse, targets, weight).to_vector<float>());
}
