#include "autograd/ops/elementwise.h"

#include "autograd/node.h"
#include "autograd/ops/composite.h"
#include "tensor/ops/elementwise.h"
#include "tensor/ops/reduce.h"
#include "tensor/random.h"

namespace autograd {

namespace {

struct AddNode final : Node {
  Shape a, b;
  const char* name() const override { return "add"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override {
    if (dx.wants(0)) dx.give(0, tensor::sum_to(dy[0], a));
    if (dx.wants(1)) dx.give(1, tensor::sum_to(dy[0], b));
  }
};

struct SubNode final : Node {
  Shape a, b;
  const char* name() const override { return "sub"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override {
    if (dx.wants(0)) dx.give(0, tensor::sum_to(dy[0], a));
    if (dx.wants(1)) dx.give(1, tensor::scale(tensor::sum_to(dy[0], b), -1));
  }
};

struct MulNode final : Node {
  Saved a{*this}, b{*this};
  const char* name() const override { return "mul"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override {
    const Tensor x = a.get(), y = b.get();
    if (dx.wants(0)) dx.give(0, tensor::sum_to(tensor::mul(dy[0], y), x.shape()));
    if (dx.wants(1)) dx.give(1, tensor::sum_to(tensor::mul(dy[0], x), y.shape()));
  }
};

// d(a/b) = da / b - (a/b) db / b
struct DivNode final : Node {
  Saved b{*this}, quotient{*this};
  Shape a;
  const char* name() const override { return "div"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override {
    const Tensor divisor = b.get();
    const Tensor da = tensor::div(dy[0], divisor);
    if (dx.wants(0)) dx.give(0, tensor::sum_to(da, a));
    if (dx.wants(1)) dx.give(1, tensor::sum_to(tensor::scale(tensor::mul(da, quotient.get()), -1), divisor.shape()));
  }
};

struct AffineNode final : Node {
  double scale = 1;
  const char* name() const override { return "affine"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override { dx.give(0, tensor::scale(dy[0], scale)); }
};

struct UnaryNode final : Node {
  tensor::Unary op{};
  Saved x{*this};
  const char* name() const override { return tensor::name(op); }
  void backward(std::span<const Tensor> dy, GradOut& dx) override {
    dx.give(0, tensor::unary_backward(op, dy[0], x.get()));
  }
};

struct DropoutNode final : Node {
  float p = 0;
  tensor::RandomPosition at;
  const char* name() const override { return "dropout"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override { dx.give(0, tensor::dropout(dy[0], p, at)); }
};

struct BiasActivationDropoutNode final : Node {
  tensor::Unary op{};
  float p = 0;
  tensor::RandomPosition at;
  Saved x{*this}, bias{*this};
  const char* name() const override { return "bias_activation_dropout"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override {
    const Target dbias = dx.into_if_wanted(1);
    const Tensor gradient = tensor::bias_activation_dropout_backward(op, dy[0], x.get(), bias.get(), p, at, dbias);
    if (dx.wants(0)) dx.give(0, gradient);
  }
};

}  // namespace

Variable add(const Variable& a, const Variable& b) {
  const Tensor y = tensor::add(a.value(), b.value());
  if (!needs_node({a, b})) return y;
  auto node = std::make_shared<AddNode>();
  node->a = a.shape();
  node->b = b.shape();
  return record(std::move(node), {a, b}, y);
}

Variable sub(const Variable& a, const Variable& b) {
  const Tensor y = tensor::sub(a.value(), b.value());
  if (!needs_node({a, b})) return y;
  auto node = std::make_shared<SubNode>();
  node->a = a.shape();
  node->b = b.shape();
  return record(std::move(node), {a, b}, y);
}

Variable mul(const Variable& a, const Variable& b) {
  const Tensor y = tensor::mul(a.value(), b.value());
  if (!needs_node({a, b})) return y;
  auto node = std::make_shared<MulNode>();
  node->a = a.value();
  node->b = b.value();
  return record(std::move(node), {a, b}, y);
}

Variable div(const Variable& a, const Variable& b) {
  const Tensor y = tensor::div(a.value(), b.value());
  if (!needs_node({a, b})) return y;
  auto node = std::make_shared<DivNode>();
  node->a = a.shape();
  node->b = b.value();
  node->quotient = y;
  return record(std::move(node), {a, b}, y);
}

Variable affine(const Variable& x, double scale, double shift) {
  const Tensor y = tensor::affine(x.value(), scale, shift);
  if (!needs_node({x})) return y;
  auto node = std::make_shared<AffineNode>();
  node->scale = scale;
  return record(std::move(node), {x}, y);
}

Variable scale(const Variable& x, double factor) { return affine(x, factor, 0); }

Variable unary(tensor::Unary op, const Variable& x) {
  const Tensor y = tensor::unary(op, x.value());
  if (!needs_node({x})) return y;
  auto node = std::make_shared<UnaryNode>();
  node->op = op;
  node->x = x.value();
  return record(std::move(node), {x}, y);
}

Variable dropout(const Variable& x, float p) {
  if (p == 0) return x;
  const tensor::RandomPosition at = tensor::RandomStream::next();
  const Tensor y = tensor::dropout(x.value(), p, at);
  if (!needs_node({x})) return y;
  auto node = std::make_shared<DropoutNode>();
  node->p = p;
  node->at = at;
  return record(std::move(node), {x}, y);
}

Variable bias_activation_dropout(tensor::Unary op, const Variable& x, const Variable& bias, float p) {
  if (!fused()) return composite::bias_activation_dropout(op, x, bias, p);
  const tensor::RandomPosition at = p > 0 ? tensor::RandomStream::next() : tensor::RandomPosition{};
  const Tensor y = tensor::bias_activation_dropout(op, x.value(), bias.value(), p, at);
  if (!needs_node({x, bias})) return y;
  auto node = std::make_shared<BiasActivationDropoutNode>();
  node->op = op;
  node->p = p;
  node->at = at;
  node->x = x.value();
  node->bias = bias.value();
  return record(std::move(node), {x, bias}, y);
}

}  // namespace autograd
