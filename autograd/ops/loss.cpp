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

struct LinearCrossEntropyNode final : Node {
  Saved hidden{*this}, w{*this}, bias{*this}, targets{*this}, weights{*this}, lse{*this};
  const char* name() const override { return "linear_cross_entropy"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override {
    const Target dhidden = dx.into_if_wanted(0), dw = dx.into_if_wanted(1);
    tensor::linear_cross_entropy_backward(dhidden, dw, hidden.get(), w.get(), bias.defined() ? bias.get() : Tensor(),
                                          targets.get(), lse.get(), tensor::mul(weights.get(), dy[0]));
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
  const tensor::CrossEntropy result = tensor::linear_cross_entropy(hidden.value(), w.value(), bias, targets);
  base::check(weights.shape() == targets.shape() && weights.dtype() == result.loss.dtype(),
              "linear_cross_entropy: weights {} {} should be {} {}, one per target", weights.dtype(), weights.shape(),
              result.loss.dtype(), targets.shape());
  const Tensor sum = tensor::sum(tensor::mul(weights, result.loss));
  if (!needs_node({hidden, w})) return {sum, result.loss};
  auto node = std::make_shared<LinearCrossEntropyNode>();
  node->hidden = hidden.value();
  node->w = w.value();
  if (bias.defined()) node->bias = bias;
  node->targets = targets.tensor();
  node->weights = weights;
  node->lse = result.lse;
  return {record(std::move(node), {hidden, w}, sum), result.loss};
}

}  // namespace autograd
