#include "kilm/finetuning/losses.h"

#include <doctest/doctest.h>

#include <cmath>

#include "autograd/gradcheck.h"
#include "autograd/ops/elementwise.h"
#include "autograd/ops/loss.h"
#include "autograd/ops/reduce.h"
#include "tensor/ops/elementwise.h"
#include "tensor/random.h"

using autograd::Variable;
using doctest::Approx;
using tensor::DType;
using tensor::Ids;
using tensor::Tensor;

namespace {

Tensor random(const tensor::Shape& shape, uint32_t number) {
  Tensor x = Tensor::zeros(shape, DType::f64);
  tensor::random_normal_(x, 0, 1, {.op = number});
  return x;
}

Tensor numbers(const std::vector<double>& values) { return Tensor::from({int64_t(values.size())}, values); }

const Ids kLabels = Ids::from(std::vector<int32_t>{2, 0, -1, 1});
const Ids kPlaces = Ids::from(std::vector<int32_t>{2, 0, 0, 1});
const Tensor kWeights = numbers({0.5, 0.25, 0, 1});  // a row without a label weighs nothing

// Returns the cross-entropy against a distribution: (1 - s) of the label and s / n of each class.
double smoothed(const std::vector<double>& logits, size_t label, double s) {
  double sum = 0, loss = 0;
  for (const double logit : logits) sum += std::exp(logit);
  for (size_t i = 0; i < logits.size(); ++i)
    loss -= ((i == label ? 1 - s : 0) + s / double(logits.size())) * (logits[i] - std::log(sum));
  return loss;
}

}  // namespace

TEST_CASE("the loss of classes is their weighted cross-entropy, each wanted a little with label smoothing") {
  const Tensor logits = random({4, 3}, 1);
  const std::vector<double> all = logits.to_vector<double>(), weights = kWeights.to_vector<double>();
  for (const double s : {0.0, 0.3}) {
    double expected = 0;
    for (const auto& [row, label] : {std::pair<size_t, size_t>(0, 2), {1, 0}, {3, 1}})
      expected +=
          weights[row] * smoothed({all.begin() + ptrdiff_t(3 * row), all.begin() + ptrdiff_t(3 * row + 3)}, label, s);
    const auto loss = [&](std::span<const Variable> at) -> std::vector<Variable> {
      return {kilm::finetuning::classification_loss(at[0], kLabels, kPlaces, kWeights, s)};
    };
    CHECK(loss(std::vector<Variable>{logits})[0].value().item() == Approx(expected));
    CHECK(autograd::gradient_mismatch(loss, {logits}) == "");
  }
}

TEST_CASE("the loss of numbers is their weighted squared error") {
  const Tensor said = random({4, 1}, 2), wanted = random({4}, 3);
  double expected = 0;
  for (size_t i = 0; i < 4; ++i)
    expected +=
        kWeights.to_vector<double>()[i] * std::pow(said.to_vector<double>()[i] - wanted.to_vector<double>()[i], 2);
  const auto loss = [&](std::span<const Variable> at) -> std::vector<Variable> {
    return {kilm::finetuning::regression_loss(at[0], wanted, kWeights)};
  };
  CHECK(loss(std::vector<Variable>{said})[0].value().item() == Approx(expected));
  CHECK(autograd::gradient_mismatch(loss, {said}) == "");
}

TEST_CASE("smoothing is found without the logits of all tokens, and has its gradients") {
  constexpr int64_t kVocabulary = 6;  // of a table with two more rows
  const Tensor hidden = random({4, 5}, 4), bias = random({1, kVocabulary}, 6);
  Tensor table = random({8, 5}, 5);
  table.narrow(0, kVocabulary, 2).fill(0);
  const auto loss = [&](std::span<const Variable> at) -> std::vector<Variable> {
    const Variable above = kilm::finetuning::above_mean_logit(at[0], at[1], kVocabulary, bias, kPlaces);
    const autograd::TokenLoss plain = autograd::linear_cross_entropy(at[0], at[1], bias, kLabels, kWeights);
    return {autograd::add(plain.sum, autograd::scale(autograd::sum(autograd::mul(above, kWeights)), 0.3))};
  };
  double expected = 0;
  for (const auto& [row, label] : {std::pair<size_t, size_t>(0, 2), {1, 0}, {3, 1}}) {
    std::vector<double> logits = bias.to_vector<double>();
    for (size_t v = 0; v < kVocabulary; ++v)
      for (size_t i = 0; i < 5; ++i)
        logits[v] += hidden.to_vector<double>()[row * 5 + i] * table.to_vector<double>()[v * 5 + i];
    expected += kWeights.to_vector<double>()[row] * smoothed(logits, label, 0.3);
  }
  CHECK(loss(std::vector<Variable>{hidden, table})[0].value().item() == Approx(expected));
  const auto of_hidden_and_rows = [&](std::span<const Variable> at) -> std::vector<Variable> {
    return {kilm::finetuning::above_mean_logit(at[0], at[1], kVocabulary, bias, kPlaces)};
  };
  CHECK(autograd::gradient_mismatch(of_hidden_and_rows, {hidden, table}) == "");
}
