#include "autograd/ops/reduce.h"

#include "autograd/node.h"
#include "autograd/ops/elementwise.h"
#include "tensor/ops/index.h"
#include "tensor/ops/reduce.h"

namespace autograd {

namespace {

// Every number that was added gets the gradient of its sum.
struct SumNode final : Node {
  Shape shape, kept;  // of x; of the sum with every reduced dimension as 1
  const char* name() const override { return "sum"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override { dx.give(0, dy[0].reshape(kept).expand(shape)); }
};

struct MaxNode final : Node {
  Saved indices{*this};
  Shape shape;
  int dim = 0;
  const char* name() const override { return "max"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override {
    // pick_backward spreads along the last dimension: [a, 1, b] -> [a, 1, b, n], whose n belongs where the 1 is.
    const Tensor spread = tensor::pick_backward(dy[0].reshape(kept()), indices.get().reshape(kept()), shape[dim]);
    dx.give(0, spread.transpose(dim, -1).squeeze(-1));
  }
  Shape kept() const {
    Shape result = shape;
    result[dim] = 1;
    return result;
  }
};

}  // namespace

Variable sum(const Variable& x) {
  const Tensor y = tensor::sum(x.value());
  if (!needs_node({x})) return y;
  auto node = std::make_shared<SumNode>();
  node->shape = x.shape();
  return record(std::move(node), {x}, y);
}

Variable sum(const Variable& x, int dim, bool keepdim) {
  const Tensor y = tensor::sum(x.value(), dim, keepdim);
  if (!needs_node({x})) return y;
  auto node = std::make_shared<SumNode>();
  node->shape = node->kept = x.shape();
  node->kept[dim] = 1;
  return record(std::move(node), {x}, y);
}

Variable mean(const Variable& x) { return scale(sum(x), 1.0 / double(x.value().numel())); }

Variable mean(const Variable& x, int dim, bool keepdim) {
  return scale(sum(x, dim, keepdim), 1.0 / double(x.size(dim)));
}

MaxResult max(const Variable& x, int dim, bool keepdim) {
  const tensor::MaxResult result = tensor::max(x.value(), dim, keepdim);
  if (!needs_node({x})) return {result.values, result.indices};
  auto node = std::make_shared<MaxNode>();
  node->indices = result.indices;
  node->shape = x.shape();
  node->dim = x.shape().index(dim);
  return {record(std::move(node), {x}, result.values), result.indices};
}

}  // namespace autograd
