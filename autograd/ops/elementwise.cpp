#include "autograd/ops/elementwise.h"

#include "autograd/node.h"
#include "tensor/ops/elementwise.h"
#include "tensor/ops/reduce.h"

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

}  // namespace

Variable add(const Variable& a, const Variable& b) {
  const Tensor y = tensor::add(a.value(), b.value());
  if (!recording({a, b})) return y;
  auto node = std::make_shared<AddNode>();
  node->a = a.shape();
  node->b = b.shape();
  return record(std::move(node), {a, b}, y);
}

Variable sub(const Variable& a, const Variable& b) {
  const Tensor y = tensor::sub(a.value(), b.value());
  if (!recording({a, b})) return y;
  auto node = std::make_shared<SubNode>();
  node->a = a.shape();
  node->b = b.shape();
  return record(std::move(node), {a, b}, y);
}

Variable mul(const Variable& a, const Variable& b) {
  const Tensor y = tensor::mul(a.value(), b.value());
  if (!recording({a, b})) return y;
  auto node = std::make_shared<MulNode>();
  node->a = a.value();
  node->b = b.value();
  return record(std::move(node), {a, b}, y);
}

Variable div(const Variable& a, const Variable& b) {
  const Tensor y = tensor::div(a.value(), b.value());
  if (!recording({a, b})) return y;
  auto node = std::make_shared<DivNode>();
  node->a = a.shape();
  node->b = b.value();
  node->quotient = y;
  return record(std::move(node), {a, b}, y);
}

}  // namespace autograd
