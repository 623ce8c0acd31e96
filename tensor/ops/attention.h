// Attention over packed sequences and softmax of rows. Vaswani et al. 2017.
#pragma once

#include "tensor/ids.h"
#include "tensor/kernels.h"
#include "tensor/sequences.h"
#include "tensor/tensor.h"

namespace tensor {

struct AttentionResult {
  Tensor out;  // [tq, h, d]
  Tensor lse;  // [tq, h], acc dtype: log sum exp of the scaled scores
};

// Computes out = softmax(scale q k^T) v within each sequence. q is [tq, h, d], k and v are [tk, h, d], with any strides
// whose last is 1. cu_q and cu_k are equally many sequences of tq and tk tokens. With `causal` the last query sees
// every key. With dropout a sequence has at most kMaxDropoutKeys keys.
AttentionResult attention(const Tensor& q, const Tensor& k, const Tensor& v, const Sequences& cu_q,
                          const Sequences& cu_k, const AttentionOptions& options);
// Throws Error for a sequence of so many keys that two of its elements would share a random number.
void check_dropout_keys(const AttentionOptions& options, int64_t keys);

// Overwrites dq, dk and dv, of the shapes of q, k and v; they may be views whose last stride is 1.
void attention_backward(Tensor& dq, Tensor& dk, Tensor& dv, const Tensor& dout, const Tensor& q, const Tensor& k,
                        const Tensor& v, const AttentionResult& result, const Sequences& cu_q, const Sequences& cu_k,
                        const AttentionOptions& options);

// Makes one step of decoding with cached keys and values. Query i of q[b, h, d] sees rows keys[i, 0 .. length[i]) of k
// and v[n, h, d] -> out[b, h, d], 0 where length is 0. The table lets hypotheses share the past that they have in
// common. Every key of keys[b, m] is in [0, n), those behind length[b] too; q, k and v have any strides whose last is
// 1. A row of out depends on its own query and keys alone, bit by bit. There is no gradient.
Tensor decode_attention(const Tensor& q, const Tensor& k, const Tensor& v, const Ids& keys, const Ids& length,
                        float scale);

Tensor softmax(const Tensor& x);                             // over the last dimension of x[..., n], n > 0
Tensor softmax_backward(const Tensor& dy, const Tensor& y);  // dx from the result y

}  // namespace tensor
