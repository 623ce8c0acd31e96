// Differentiable attention over packed sequences; shapes and rules are those of tensor/ops/attention.h. With dropout
// each call draws its position (`options.at`) from the random stream.
#pragma once

#include "autograd/variable.h"
#include "tensor/kernels.h"

namespace autograd {

// q[tq, h, d], k[tk, h, d], v[tk, h, d] -> [tq, h, d]
Variable attention(const Variable& q, const Variable& k, const Variable& v, const Sequences& cu_q,
                   const Sequences& cu_k, const tensor::AttentionOptions& options);
// qkv[t, 3, h, d]: a fused projection, whose gradient is written in place of its three parts
Variable self_attention(const Variable& qkv, const Sequences& cu_seqlens, const tensor::AttentionOptions& options);
// q[tq, h, d], kv[tk, 2, h, d]
Variable cross_attention(const Variable& q, const Variable& kv, const Sequences& cu_q, const Sequences& cu_k,
                         const tensor::AttentionOptions& options);

Variable softmax(const Variable& x);  // over the last dimension

}  // namespace autograd
