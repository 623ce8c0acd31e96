// Every fused op written in small ops: its definition, 3 to 10 lines each. A student reads these first. The tests hold
// the fused kernels to them in values and gradients. While set_fused(false) holds, the ops of the same names run these
// instead (but for softmax, a small op itself). Then every inner value, the probabilities of attention, say, is a node
// that observers can see. Both paths draw the same random numbers.
#pragma once

#include "autograd/ops/loss.h"
#include "autograd/variable.h"
#include "tensor/base/scoped.h"
#include "tensor/kernels.h"

namespace autograd {

// Sets whether fused ops of this thread run their kernels (as at the start) or their definitions below.
void set_fused(bool fused);
bool fused();

// The same for as long as it lives.
class FusedGuard {
 public:
  explicit FusedGuard(bool fused);

 private:
  base::Scoped<bool> scope_;
};

// Shapes and arguments are those of the ops of the same names.
namespace composite {

Variable linear(const Variable& x, const Variable& w, const Variable& bias);
Variable bias_activation_dropout(tensor::Unary op, const Variable& x, const Variable& bias, float p);

Variable softmax(const Variable& x);
Variable layer_norm(const Variable& x, const Variable& w, const Variable& b, double eps);
Variable dropout_add_layer_norm(const Variable& x, const Variable& residual, const Variable& w, const Variable& b,
                                double eps, float p);

Variable embedding_sum(const Variable& tokens, const Variable& positions, const Ids& ids, const Ids& at, double scale,
                       int32_t padding = -1);

Variable attention(const Variable& q, const Variable& k, const Variable& v, const Sequences& cu_q,
                   const Sequences& cu_k, const tensor::AttentionOptions& options);
Variable self_attention(const Variable& qkv, const Sequences& cu_seqlens, const tensor::AttentionOptions& options);
Variable cross_attention(const Variable& q, const Variable& kv, const Sequences& cu_q, const Sequences& cu_k,
                         const tensor::AttentionOptions& options);

Variable cross_entropy(const Variable& logits, const Tensor& targets);
TokenLoss linear_cross_entropy(const Variable& hidden, const Variable& w, const Tensor& bias, const Tensor& targets,
                               const Tensor& weights);

}  // namespace composite

}  // namespace autograd
