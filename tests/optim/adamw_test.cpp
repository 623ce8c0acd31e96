#include "optim/adamw.h"

#include <doctest/doctest.h>

#include <cmath>

#include "autograd/engine.h"
#include "autograd/ops/elementwise.h"
#include "autograd/ops/matmul.h"
#include "nn/layers.h"
#include "tensor/ops/elementwise.h"
#include "tensor/ops/reduce.h"
#include "tensor/random.h"

using autograd::Variable;
using tensor::DType;
using tensor::Tensor;

namespace {

Tensor normal(const tensor::Shape& shape, uint64_t seed) {
  Tensor x = Tensor::empty(shape, DType::f64);
  tensor::random_normal_(x, 0, 1, {.key = tensor::philox_key(seed, tensor::RandomDomain::data)});
  return x;
}

// The update of Loshchilov & Hutter 2019, number by number.
struct Reference {
  std::vector<double> w, m, v;
  double decay;

  void step(const std::vector<double>& grad, double clip, double rate, int64_t t) {
    for (size_t i = 0; i < w.size(); ++i) {
      const double g = grad[i] * clip;
      w[i] -= rate * decay * w[i];
      m[i] = 0.9 * m[i] + 0.1 * g;
      v[i] = 0.999 * v[i] + 0.001 * g * g;
      w[i] -= rate * (m[i] / (1 - std::pow(0.9, t))) / (std::sqrt(v[i] / (1 - std::pow(0.999, t))) + 1e-8);
    }
  }
};

Reference start(const Variable& x, double decay) {
  const std::vector<double> w = x.value().to_vector<double>(), zeros(w.size(), 0);
  return {w, zeros, zeros, decay};
}

double squares(const std::vector<double>& x) {
  double sum = 0;
  for (double a : x) sum += a * a;
  return sum;
}

// Returns the sum of squares of y - target, as a product with itself.
Variable squared_error(const Variable& y, const Tensor& target) {
  const int64_t n = target.numel();
  const Variable d = autograd::sub(y, target);
  const Variable square = autograd::mul(d, d);
  const Tensor left = Tensor::full({1, target.size(0)}, 1, DType::f64),
               right = Tensor::full({target.size(1), 1}, 1, DType::f64);
  return autograd::scale(autograd::matmul(autograd::matmul(Variable(left), square), Variable(right)), 1.0 / double(n));
}

}  // namespace

TEST_CASE("updates are those of the formula: clipping, bias correction, decay of matrices only") {
  nn::Linear layer(4, 3, DType::f64);
  nn::initialise(layer, 1, 0.5);
  optim::FlatParameters parameters(layer);
  optim::AdamW optimizer(parameters, {.learning_rate = 0.05,
                                      .weight_decay = 0.1,
                                      .max_grad_norm = 0.7,
                                      .schedule = {optim::ScheduleKind::constant, 0, 0}});
  Reference weight = start(layer.weight, 0.1), bias = start(layer.bias, 0);
  const Tensor x = normal({8, 4}, 2), target = normal({8, 3}, 3);
  for (int64_t t = 1; t <= 20; ++t) {
    autograd::backward(squared_error(layer.forward(x), target));
    const std::vector<double> dw = layer.weight.grad().to_vector<double>(), db = layer.bias.grad().to_vector<double>();
    const double norm = std::sqrt(squares(dw) + squares(db)), clip = std::min(1.0, 0.7 / norm);
    const optim::AdamW::Report report = optimizer.update();
    CHECK(report.grad_norm == doctest::Approx(norm));
    weight.step(dw, clip, 0.05, t);
    bias.step(db, clip, 0.05, t);
    const std::vector<double> w = layer.weight.value().to_vector<double>(), b = layer.bias.value().to_vector<double>();
    for (size_t i = 0; i < w.size(); ++i) CHECK(w[i] == doctest::Approx(weight.w[i]).epsilon(1e-10));
    for (size_t i = 0; i < b.size(); ++i) CHECK(b[i] == doctest::Approx(bias.w[i]).epsilon(1e-10));
  }
  CHECK(optimizer.steps == 20);
}

TEST_CASE("a linear layer learns the matrix behind its data") {
  nn::Linear layer(4, 3, DType::f64);
  nn::initialise(layer, 1, 0.1);
  optim::FlatParameters parameters(layer);
  optim::AdamW optimizer(parameters, {.learning_rate = 0.05,
                                      .weight_decay = 0,
                                      .max_grad_norm = 0,
                                      .schedule = {optim::ScheduleKind::linear, 0, 300}});
  const Tensor x = normal({32, 4}, 2), truth = normal({3, 4}, 5);
  const Tensor target = autograd::linear(Variable(x), Variable(truth)).value();
  double loss = 0;
  for (int i = 0; i < 300; ++i) {
    const Variable error = squared_error(layer.forward(x), target);
    loss = error.value().item();
    autograd::backward(error);
    optimizer.update();
  }
  CHECK(loss < 1e-4);
  CHECK(std::sqrt(tensor::square_norm(tensor::sub(layer.weight.value(), truth)).item()) < 0.05);
}

TEST_CASE("a gradient that is not finite changes nothing and is reported") {
  nn::Linear layer(2, 2, DType::f64);
  nn::initialise(layer, 1, 0.1);
  optim::FlatParameters parameters(layer);
  optim::AdamW optimizer(parameters, {.schedule = {optim::ScheduleKind::constant, 0, 0}});
  const std::vector<double> before = layer.weight.value().to_vector<double>();
  autograd::backward(squared_error(layer.forward(Tensor::full({1, 2}, HUGE_VAL, DType::f64)), normal({1, 2}, 3)));
  CHECK_FALSE(optimizer.update().finite);
  CHECK(layer.weight.value().to_vector<double>() == before);
  CHECK(optimizer.steps == 0);
}

TEST_CASE("losses are reported as they were given, and one that is not finite changes nothing") {
  nn::Linear layer(2, 2, DType::f64);
  nn::initialise(layer, 1, 0.1);
  optim::FlatParameters parameters(layer);
  optim::AdamW optimizer(parameters, {});
  const auto update = [&](const std::vector<double>& losses) {
    autograd::backward(squared_error(layer.forward(normal({1, 2}, 2)), normal({1, 2}, 3)));
    return optimizer.update(Tensor::from({int64_t(losses.size())}, losses));
  };
  const std::vector<double> before = parameters.master.to_vector<double>();
  const optim::AdamW::Report bad = update({1, std::nan("")});
  CHECK_FALSE(bad.finite);
  CHECK(bad.losses[0] == 1);
  CHECK(std::isnan(bad.losses[1]));
  CHECK(std::isfinite(bad.grad_norm));
  CHECK(parameters.master.to_vector<double>() == before);
  CHECK(parameters.m.to_vector<double>() == std::vector<double>(size_t(parameters.size()), 0));
  CHECK(optimizer.steps == 0);
  const optim::AdamW::Report good = update({1, 2});
  CHECK(good.finite);
  CHECK(good.losses == std::vector<double>{1, 2});
  CHECK(parameters.master.to_vector<double>() != before);
  CHECK(optimizer.steps == 1);
}

TEST_CASE("an optimizer that was only told its rate goes on training") {
  nn::Linear layer(2, 2, DType::f64);
  optim::FlatParameters parameters(layer);
  optim::AdamW optimizer(parameters, {.learning_rate = 1e-3});
  for (int step = 0; step < 5; ++step) {
    const double before = layer.bias.value().to_vector<double>()[0];
    autograd::backward(squared_error(layer.forward(normal({1, 2}, 1)), Tensor::full({1, 2}, 9, DType::f64)));
    CHECK(optimizer.update().learning_rate == 1e-3);
    CHECK(layer.bias.value().to_vector<double>()[0] > before + 0.5e-3);
  }
  CHECK_THROWS_AS((optim::AdamW(parameters, {.schedule = {optim::ScheduleKind::cosine, 0, 0}})), base::UsageError);
}

namespace {

// A layer that visit() names and one that it forgot.
struct Forgetful final : nn::Module {
  Variable loss(const Tensor& x, bool use_forgotten = true) const {
    const Variable y = known.forward(x);
    return squared_error(use_forgotten ? forgotten.forward(y) : y, Tensor::full({1, 2}, 9, DType::f64));
  }
  void visit(nn::Visitor& v) override { v("known", known); }
  nn::Linear known{2, 2, DType::f64}, forgotten{2, 2, DType::f64};
};

const char* const kForgotten =
    "flat parameters: a parameter [2, 2] of linear, recorded in head is not among them, but its gradient grows from "
    "update to update; visit() should name it, or its gradient be cleared, or the op run under NoGrad";

}  // namespace

TEST_CASE("a parameter that visit forgot is named once its gradient has grown over an update") {
  Forgetful module;
  nn::initialise(module, 1, 0.5);
  optim::FlatParameters parameters(module);
  optim::AdamW optimizer(parameters, {});
  const Tensor x = normal({1, 2}, 1);
  const auto backward = [&](bool use_forgotten = true) {
    const tensor::TracePath path("head");
    autograd::backward(module.loss(x, use_forgotten));
  };
  backward();
  backward();  // micro-batches of one update
  optimizer.update();
  backward(false);
  optimizer.update();  // it was not used again
  backward();
  const std::vector<double> weight = module.known.weight.value().to_vector<double>();
  CHECK_THROWS_WITH_AS(optimizer.update(), kForgotten, base::Error);
  CHECK(module.known.weight.value().to_vector<double>() == weight);

  optim::FlatParameters others(module.forgotten);  // somebody trains it after all
  module.known.weight.clear_grad();
  backward();
  optimizer.update();
}

TEST_CASE("inputs that want their gradient, and parameters of other optimizers, are nothing that visit forgot") {
  Forgetful module;
  optim::FlatParameters parameters(module), others(module.forgotten);
  optim::AdamW optimizer(parameters, {});
  const Variable kept = Variable::parameter(normal({1, 2}, 2));
  for (int step = 0; step < 5; ++step) {
    const Variable input = autograd::add(Variable::parameter(normal({1, 2}, 1)), kept);
    autograd::backward(squared_error(module.forgotten.forward(module.known.forward(input)), normal({1, 2}, 3)));
    CHECK(kept.leaf()->grad.defined());
    optimizer.update();
    kept.leaf()->empty_grad = true;
  }
  autograd::backward(
      autograd::mul(Variable::parameter(Tensor::full({1}, 2, DType::f64)), Tensor::full({1}, 1, DType::f64)));
  optimizer.update();
}

TEST_CASE("a parameter that left the buffers is named before anything changes") {
  Forgetful module;
  optim::FlatParameters first(module);
  optim::AdamW optimizer(first, {});
  optim::FlatParameters second(module);
  autograd::backward(module.loss(normal({1, 2}, 1), false));
  CHECK_THROWS_WITH_AS(optimizer.update(),
                       "flat parameters: known.weight was moved out of them, by others or by a change of its size, and "
                       "updates do not reach it; they should be made again, and their optimizer",
                       base::Error);
  CHECK(optimizer.steps == 0);
  CHECK(module.known.weight.grad().defined());
  const double before = module.known.bias.value().to_vector<double>()[0];
  optim::AdamW(second, {}).update();
  CHECK(module.known.bias.value().to_vector<double>()[0] != before);

  module.known.bias.leaf()->grad = Tensor::zeros({2}, DType::f64);  // only the gradient went elsewhere
  CHECK_THROWS_WITH_AS(optim::AdamW(second, {}).update(), doctest::Contains("known.bias was moved"), base::Error);
}
