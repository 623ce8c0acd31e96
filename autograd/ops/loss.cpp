#include "autograd/ops/loss.h"

#include "autograd/node.h"
#include "autograd/ops/composite.h"
#include "tensor/format.h"
#include "tensor/ops/elementwise.h"
#include "tensor/ops/loss.h"
#include "tensor/ops/reduce.h"

namespace autograd {

namespace {

struct CrossEntropyNode final : Node {
  Saved logits{*this}, targets{*this}, lse{*this};
  const char* name() const override { return "cross_entropy"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override {
    dx.give(0, tensor::cross_entropy_backward(logits.get(), lse.get(), targets.get(), dy[0]));
  }
};

// The gradients are there since the forward pass, but for the factor that the sum is multiplied by.
struct LinearCrossEntropyNode final : Node {
  Saved dhidden{*this}, dw{*this};
  const char* name() const override { return "linear_cross_entropy"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override {
    if (dx.wants(0)) dx.give(0, scaled(dhidden.get(), dy[0]));
    if (dx.wants(1)) dx.give(1, scaled(dw.get(), dy[0]));
  }

 private:
  // Scales the gradient in place, as it may: a node runs once.
  static Tensor scaled(Tensor gradient, const Tensor& factor) {
    tensor::scale_(gradient, factor);
    return gradient;
  }
};

}  // namespace

Variable cross_entropy(const Variable& logits, const tensor::Ids& targets) {
  if (!fused()) return composite::cross_entropy(logits, targets.tensor());
  const tensor::CrossEntropy result = tensor::cross_entropy(logits.value(), targets);
  if (!needs_node({logits})) return result.loss;
  auto node = std::make_shared<CrossEntropyNode>();
  node->logits = logits.value();
  node->targets = targets.tensor();
  node->lse = result.lse;
  return record(std::move(node), {logits}, result.loss);
}

TokenLoss linear_cross_entropy(const Variable& hidden, const Variable& w, const Tensor& bias,
                               const tensor::Ids& targets, const Tensor& weights) {
  if (!fused()) return composite::linear_cross_entropy(hidden, w, bias, targets.tensor(), weights);
  const tensor::DType acc = tensor::acc_dtype(hidden.dtype());
  base::check(weights.shape() == targets.shape() && weights.dtype() == acc,
              "linear_cross_entropy: weights {} {} should be {} {}, one per target", weights.dtype(), weights.shape(),
              acc, targets.shape());
  const auto weighted = [&](const Tensor& loss) { return tensor::sum(tensor::mul(weights, loss)); };
  if (!needs_node({hidden, w})) {
    const Tensor loss = tensor::linear_cross_entropy(hidden.value(), w.value(), bias, targets).loss;
    return {weighted(loss), loss};
  }
  const tensor::LinearCrossEntropy result = tensor::linear_cross_entropy_gradients(
      hidden.value(), w.value(), bias, targets, weights, hidden.requires_grad(), w.requires_grad());
  const Tensor sum = weighted(result.loss);
  auto node = std::make_shared<LinearCrossEntropyNode>();
  if (result.dhidden.defined()) node->dhidden = result.dhidden;
  if (result.dw.defined()) node->dw = result.dw;
  return {record(std::move(node), {hidden, w}, sum), result.loss};
}

}  // namespace autograd
