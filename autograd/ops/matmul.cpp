#include "autograd/ops/matmul.h"

#include "autograd/node.h"
#include "autograd/ops/composite.h"
#include "tensor/ops/matmul.h"
#include "tensor/ops/reduce.h"

namespace autograd {

namespace {

// Gives op(a) op(b) as the gradient of input i.
void give_product(GradOut& dx, size_t i, const Tensor& a, const Tensor& b, bool transpose_a, bool transpose_b) {
  tensor::matmul_into(dx.into(i), a, b, transpose_a, transpose_b);
}

// Of c = op(a) op(b): dop(a) = dc op(b)^T and dop(b) = op(a)^T dc, both transposed where op transposes.
struct MatmulNode final : Node {
  Saved a{*this}, b{*this};
  bool transpose_a = false, transpose_b = false;
  const char* name() const override { return "matmul"; }
  void backward(std::span<const Tensor> dc, GradOut& dx) override {
    if (dx.wants(0)) {
      if (transpose_a)
        give_product(dx, 0, b.get(), dc[0], transpose_b, true);
      else
        give_product(dx, 0, dc[0], b.get(), false, !transpose_b);
    }
    if (dx.wants(1)) {
      // one b for all matrices of a: the batch is a longer inner dimension
      const bool one_b = b.get().rank() == 2 && dc[0].rank() > 2;
      const Tensor left = one_b ? a.get().rows() : a.get(), right = one_b ? dc[0].rows() : dc[0];
      if (transpose_b)
        give_product(dx, 1, right, left, true, transpose_a);
      else
        give_product(dx, 1, left, right, !transpose_a, false);
    }
  }
};

struct LinearNode final : Node {
  Saved x{*this}, w{*this};
  const char* name() const override { return "linear"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override {
    const Tensor rows = dy[0].rows();  // [t, o]
    if (dx.wants(0)) {
      const Target to = dx.into(0);
      tensor::matmul_into({to.tensor.rows(), to.accumulate}, rows, w.get());
    }
    if (dx.wants(1)) give_product(dx, 1, rows, x.get().rows(), true, false);
    if (dx.wants(2)) tensor::sum_rows_into(dx.into(2), rows);
  }
};

}  // namespace

Variable matmul(const Variable& a, const Variable& b, bool transpose_a, bool transpose_b) {
  Tensor c = tensor::matmul(a.value(), b.value(), transpose_a, transpose_b);
  if (!needs_node({a, b})) return c;
  auto node = std::make_shared<MatmulNode>();
  node->a = a.value();
  node->b = b.value();
  node->transpose_a = transpose_a;
  node->transpose_b = transpose_b;
  return record(std::move(node), {a, b}, c);
}

Variable linear(const Variable& x, const Variable& w, const Variable& bias) {
  if (!fused()) return composite::linear(x, w, bias);
  Tensor y = tensor::linear(x.value(), w.value(), bias.value());
  if (!needs_node({x, w, bias})) return y;
  auto node = std::make_shared<LinearNode>();
  node->x = x.value();
  node->w = w.value();
  return record(std::move(node), {x, w, bias}, y);
}

}  // namespace autograd
