#include "autograd/ops/attention.h"

#include "autograd/node.h"
#include "autograd/ops/composite.h"
#include "tensor/format.h"
#include "tensor/ops/attention.h"
#include "tensor/random.h"

namespace autograd {

namespace {

using tensor::AttentionOptions;

Tensor like(const Tensor& x) { return Tensor::empty(x.shape(), x.dtype(), x.device()); }

struct AttentionNode : Node {
  Saved out{*this}, lse{*this};
  SavedValue<Sequences> cu_q{*this}, cu_k{*this};
  AttentionOptions options;

  void gradients(const Tensor& dy, const Tensor& q, const Tensor& k, const Tensor& v, Tensor dq, Tensor dk, Tensor dv) {
    tensor::attention_backward(dq, dk, dv, dy, q, k, v, {out.get(), lse.get()}, cu_q.get(), cu_k.get(), options);
  }
};

struct SeparateAttentionNode final : AttentionNode {
  Saved q{*this}, k{*this}, v{*this};
  const char* name() const override { return "attention"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override {
    const Tensor query = q.get(), key = k.get(), value = v.get();
    const Tensor dq = like(query), dk = like(key), dv = like(value);
    gradients(dy[0], query, key, value, dq, dk, dv);
    if (dx.wants(0)) dx.give(0, dq);
    if (dx.wants(1)) dx.give(1, dk);
    if (dx.wants(2)) dx.give(2, dv);
  }
};

struct SelfAttentionNode final : AttentionNode {
  Saved qkv{*this};
  const char* name() const override { return "self_attention"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override {
    const Tensor x = qkv.get(), d = like(x);
    gradients(dy[0], x.select(1, 0), x.select(1, 1), x.select(1, 2), d.select(1, 0), d.select(1, 1), d.select(1, 2));
    dx.give(0, d);
  }
};

struct CrossAttentionNode final : AttentionNode {
  Saved q{*this}, kv{*this};
  const char* name() const override { return "cross_attention"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override {
    const Tensor query = q.get(), x = kv.get(), dq = like(query), d = like(x);
    gradients(dy[0], query, x.select(1, 0), x.select(1, 1), dq, d.select(1, 0), d.select(1, 1));
    if (dx.wants(0)) dx.give(0, dq);
    if (dx.wants(1)) dx.give(1, d);
  }
};

struct SoftmaxNode final : Node {
  Saved y{*this};
  const char* name() const override { return "softmax"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override {
    dx.give(0, tensor::softmax_backward(dy[0], y.get()));
  }
};

AttentionOptions placed(AttentionOptions options) {
  if (options.dropout > 0) options.at = tensor::RandomStream::next();
  return options;
}

template <class AnyNode>
std::shared_ptr<AnyNode> make_node(const tensor::AttentionResult& result, const Sequences& cu_q, const Sequences& cu_k,
                                   const AttentionOptions& options) {
  auto node = std::make_shared<AnyNode>();
  node->out = result.out;
  node->lse = result.lse;
  node->cu_q = cu_q;
  node->cu_k = cu_k;
  node->options = options;
  return node;
}

}  // namespace

Variable attention(const Variable& q, const Variable& k, const Variable& v, const Sequences& cu_q,
                   const Sequences& cu_k, const AttentionOptions& wanted) {
  if (!fused()) return composite::attention(q, k, v, cu_q, cu_k, wanted);
  const AttentionOptions options = placed(wanted);
  const tensor::AttentionResult result = tensor::attention(q.value(), k.value(), v.value(), cu_q, cu_k, options);
  if (!needs_node({q, k, v})) return result.out;
  auto node = make_node<SeparateAttentionNode>(result, cu_q, cu_k, options);
  node->q = q.value();
  node->k = k.value();
  node->v = v.value();
  return record(std::move(node), {q, k, v}, result.out);
}

Variable self_attention(const Variable& qkv, const Sequences& cu_seqlens, const AttentionOptions& wanted) {
  base::check(qkv.rank() == 4 && qkv.size(1) == 3, "self_attention: qkv {} should be [t, 3, h, d]", qkv.shape());
  if (!fused()) return composite::self_attention(qkv, cu_seqlens, wanted);
  const AttentionOptions options = placed(wanted);
  const Tensor& x = qkv.value();
  const tensor::AttentionResult result =
      tensor::attention(x.select(1, 0), x.select(1, 1), x.select(1, 2), cu_seqlens, cu_seqlens, options);
  if (!needs_node({qkv})) return result.out;
  auto node = make_node<SelfAttentionNode>(result, cu_seqlens, cu_seqlens, options);
  node->qkv = x;
  return record(std::move(node), {qkv}, result.out);
}

Variable cross_attention(const Variable& q, const Variable& kv, const Sequences& cu_q, const Sequences& cu_k,
                         const AttentionOptions& wanted) {
  base::check(kv.rank() == 4 && kv.size(1) == 2, "cross_attention: kv {} should be [t, 2, h, d]", kv.shape());
  if (!fused()) return composite::cross_attention(q, kv, cu_q, cu_k, wanted);
  const AttentionOptions options = placed(wanted);
  const Tensor& x = kv.value();
  const tensor::AttentionResult result =
      tensor::attention(q.value(), x.select(1, 0), x.select(1, 1), cu_q, cu_k, options);
  if (!needs_node({q, kv})) return result.out;
  auto node = make_node<CrossAttentionNode>(result, cu_q, cu_k, options);
  node->q = q.value();
  node->kv = x;
  return record(std::move(node), {q, kv}, result.out);
}

Variable softmax(const Variable& x) {
  const Tensor y = tensor::softmax(x.value());
  if (!needs_node({x})) return y;
  auto node = std::make_shared<SoftmaxNode>();
  node->y = y;
  return record(std::move(node), {x}, y);
}

}  // namespace autograd
