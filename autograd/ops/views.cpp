#include "autograd/ops/views.h"

#include "autograd/node.h"
#include "tensor/format.h"
#include "tensor/ops/reduce.h"
#include "tensor/trace.h"

namespace autograd {

namespace {

struct ReshapeNode final : Node {
  Shape shape;
  const char* name() const override { return "reshape"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override { dx.give(0, dy[0].reshape(shape)); }
};

struct TransposeNode final : Node {
  int a = 0, b = 0;
  const char* name() const override { return "transpose"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override { dx.give(0, dy[0].transpose(a, b)); }
};

struct NarrowNode final : Node {
  Shape shape;
  int dim = 0;
  int64_t start = 0;
  const char* name() const override { return "narrow"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override {
    const Tensor gradient = Tensor::zeros(shape, dy[0].dtype(), dy[0].device());
    Tensor kept = gradient.narrow(dim, start, dy[0].size(dim));
    kept.copy_from(dy[0]);
    dx.give(0, gradient);
  }
};

struct ExpandNode final : Node {
  Shape shape;
  const char* name() const override { return "expand"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override { dx.give(0, tensor::sum_to(dy[0], shape)); }
};

struct CastNode final : Node {
  DType dtype{};
  const char* name() const override { return "cast"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override { dx.give(0, dy[0].cast(dtype)); }
};

struct ConcatNode final : Node {
  std::vector<int64_t> sizes;
  int dim = 0;
  const char* name() const override { return "concat"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override {
    int64_t start = 0;
    for (size_t i = 0; i < sizes.size(); start += sizes[i++])
      if (dx.wants(i)) dx.give(i, dy[0].narrow(dim, start, sizes[i]));
  }
};

}  // namespace

Variable reshape(const Variable& x, const Shape& shape) {
  const Tensor y = x.value().reshape(shape);
  if (!needs_node({x})) return y;
  auto node = std::make_shared<ReshapeNode>();
  node->shape = x.shape();
  return record(std::move(node), {x}, y);
}

Variable transpose(const Variable& x, int a, int b) {
  const Tensor y = x.value().transpose(a, b);
  if (!needs_node({x})) return y;
  auto node = std::make_shared<TransposeNode>();
  node->a = a;
  node->b = b;
  return record(std::move(node), {x}, y);
}

Variable narrow(const Variable& x, int dim, int64_t start, int64_t length) {
  const Tensor y = x.value().narrow(dim, start, length);
  if (!needs_node({x})) return y;
  auto node = std::make_shared<NarrowNode>();
  node->shape = x.shape();
  node->dim = dim;
  node->start = start;
  return record(std::move(node), {x}, y);
}

Variable select(const Variable& x, int dim, int64_t index) {
  const Variable one = narrow(x, dim, index, 1);
  return reshape(one, one.value().squeeze(dim).shape());
}

Variable expand(const Variable& x, const Shape& shape) {
  const Tensor y = x.value().expand(shape);
  if (!needs_node({x})) return y;
  auto node = std::make_shared<ExpandNode>();
  node->shape = x.shape();
  return record(std::move(node), {x}, y);
}

Variable cast(const Variable& x, DType dtype) {
  const Tensor y = x.value().cast(dtype);
  if (!needs_node({x})) return y;
  auto node = std::make_shared<CastNode>();
  node->dtype = x.dtype();
  return record(std::move(node), {x}, y);
}

Variable concat(std::span<const Variable> parts, int dim) {
  base::check(!parts.empty(), "concat: no parts");
  Shape shape = parts[0].shape();
  dim = shape.index(dim);
  shape[dim] = 0;
  for (const Variable& part : parts) {
    Shape rest = part.shape();
    if (rest.rank() == shape.rank()) rest[dim] = shape[dim];
    base::check(rest == shape && part.dtype() == parts[0].dtype(),
                "concat: {} {} and {} {} should differ in nothing but dimension {}", parts[0].dtype(), parts[0].shape(),
                part.dtype(), part.shape(), dim);
    shape[dim] += part.size(dim);
  }
  const tensor::Trace trace("concat");
  const Tensor y = Tensor::empty(shape, parts[0].dtype(), parts[0].value().device());
  auto node = std::make_shared<ConcatNode>();
  node->dim = dim;
  int64_t start = 0;
  for (const Variable& part : parts) {
    y.narrow(dim, start, part.size(dim)).copy_from(part.value());
    start += part.size(dim);
    node->sizes.push_back(part.size(dim));
  }
  if (!needs_node(parts)) return y;
  return record(std::move(node), parts, {y})[0];
}

}  // namespace autograd
