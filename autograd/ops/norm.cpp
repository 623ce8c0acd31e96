#include "autograd/ops/norm.h"

#include "autograd/node.h"
#include "autograd/ops/composite.h"
#include "tensor/ops/norm.h"

namespace autograd {

namespace {

// What both ops keep: the input of the normalisation and its statistics.
struct NormNode : Node {
  Saved x{*this}, w{*this}, mean{*this}, rstd{*this};
};

struct LayerNormNode final : NormNode {
  const char* name() const override { return "layer_norm"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override {
    const Target dw = dx.into_if_wanted(1), db = dx.into_if_wanted(2);
    const Tensor gradient = tensor::layer_norm_backward(dy[0], x.get(), mean.get(), rstd.get(), w.get(), dw, db);
    if (dx.wants(0)) dx.give(0, gradient);
  }
};

struct DropoutAddLayerNormNode final : NormNode {
  float p = 0;
  tensor::RandomPosition at;
  const char* name() const override { return "dropout_add_layer_norm"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override {
    const Target dw = dx.into_if_wanted(2), db = dx.into_if_wanted(3);
    const auto [gradient, residual] = tensor::dropout_add_layer_norm_backward(dy[0], x.get(), mean.get(), rstd.get(),
                                                                              w.get(), dw, db, dx.wants(0) ? p : 0, at);
    if (dx.wants(0)) dx.give(0, gradient);
    if (dx.wants(1)) dx.give(1, residual);
  }
};

}  // namespace

Variable layer_norm(const Variable& x, const Variable& w, const Variable& b, double eps) {
  if (!fused()) return composite::layer_norm(x, w, b, eps);
  const tensor::LayerNormResult result = tensor::layer_norm(x.value(), w.value(), b.value(), eps);
  if (!needs_node({x, w, b})) return result.y;
  auto node = std::make_shared<LayerNormNode>();
  node->x = x.value();
  node->w = w.value();
  node->mean = result.mean;
  node->rstd = result.rstd;
  return record(std::move(node), {x, w, b}, result.y);
}

Variable dropout_add_layer_norm(const Variable& x, const Variable& residual, const Variable& w, const Variable& b,
                                double eps, float p) {
  if (!fused()) return composite::dropout_add_layer_norm(x, residual, w, b, eps, p);
  const tensor::RandomPosition at = p > 0 ? tensor::RandomStream::next() : tensor::RandomPosition{};
  const tensor::DropoutAddLayerNormResult result =
      tensor::dropout_add_layer_norm(x.value(), residual.value(), w.value(), b.value(), eps, p, at);
  if (!needs_node({x, residual, w, b})) return result.y;
  auto node = std::make_shared<DropoutAddLayerNormNode>();
  node->x = result.sum;
  node->w = w.value();
  node->mean = result.mean;
  node->rstd = result.rstd;
  node->p = p;
  node->at = at;
  return record(std::move(node), {x, residual, w, b}, result.y);
}

}  // namespace autograd
