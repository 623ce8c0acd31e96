#include "tensor/ops/attention.h"

#include <algorithm>

#include "tensor/format.h"
#include "tensor/launch.h"

namespace tensor {

namespace {

Tensor with_dense_rows(const Tensor& x) { return x.stride(-1) == 1 || x.numel() == 0 ? x : x.contiguous(); }

void check_sequences(const char* op, const Sequences& cu_q, const Sequences& cu_k, int64_t queries, int64_t keys) {
  cu_q.check(op, "cu_q", queries);
  cu_k.check(op, "cu_k", keys);
  base::check(cu_q.count() == cu_k.count(), "{}: {} sequences of queries and {} of keys", op, cu_q.count(),
              cu_k.count());
}

void check_shapes(const char* op, const Tensor& q, const Tensor& k, const Tensor& v) {
  const bool fit =
      q.rank() == 3 && k.rank() == 3 && k.shape() == v.shape() && q.size(1) == k.size(1) && q.size(2) == k.size(2);
  base::check(fit, "{}: q {}, k {} and v {} should be [tq, h, d], [tk, h, d] and [tk, h, d]", op, q.shape(), k.shape(),
              v.shape());
  base::check(is_float(q.dtype()) && q.dtype() == k.dtype() && q.dtype() == v.dtype(),
              "{}: q {}, k {} and v {} should have one floating dtype", op, q.dtype(), k.dtype(), v.dtype());
}

// Counts pairs of a query and a key that it sees, in all sequences.
int64_t seen_pairs(const Sequences& cu_q, const Sequences& cu_k, bool causal) {
  const std::span<const int32_t> q = cu_q.offsets(), k = cu_k.offsets();
  int64_t pairs = 0;
  for (size_t i = 0; i + 1 < q.size(); ++i) {
    const int64_t queries = q[i + 1] - q[i], keys = k[i + 1] - k[i];
    const int64_t unseeing = causal ? std::max<int64_t>(0, queries - keys) : 0;  // that come before the first key
    const int64_t seeing = queries - unseeing;
    pairs += causal ? seeing * keys - seeing * (seeing - 1) / 2 : queries * keys;
  }
  return pairs;
}

// Counts multiplications and additions of the products: two in forward, four in backward. That of the scores, which
// backward computes again, counts once.
int64_t product_flops(const Tensor& q, const Sequences& cu_q, const Sequences& cu_k, bool causal, int64_t products) {
  return 2 * products * q.size(1) * q.size(2) * seen_pairs(cu_q, cu_k, causal);
}

}  // namespace

void check_dropout_keys(const AttentionOptions& options, int64_t keys) {
  base::check(options.dropout == 0 || keys <= kMaxDropoutKeys,
              "attention: a sequence has {} keys; with dropout it should have at most {}", keys, kMaxDropoutKeys);
}

AttentionResult attention(const Tensor& q, const Tensor& k, const Tensor& v, const Sequences& cu_q,
                          const Sequences& cu_k, const AttentionOptions& options) {
  const char* op = "attention";
  check_shapes(op, q, k, v);
  check_sequences(op, cu_q, cu_k, q.size(0), k.size(0));
  base::check(options.dropout >= 0 && options.dropout < 1, "attention: dropout is {}; it should be in [0, 1)",
              options.dropout);
  check_dropout_keys(options, cu_k.longest());
  const Launch launch(op, {&q, &k, &v, &cu_q.tensor(), &cu_k.tensor()}, int64_t(2 * q.bytes() + k.bytes() + v.bytes()),
                      product_flops(q, cu_q, cu_k, options.causal, 2));
  AttentionResult result{Tensor::empty(q.shape(), q.dtype(), q.device()),
                         Tensor::empty({q.size(0), q.size(1)}, acc_dtype(q.dtype()), q.device())};
  Tensor scratch = launch.scratch(&AttentionKernels::attention_scratch, q, cu_q, cu_k, false);
  launch(&AttentionKernels::attention, result.out, result.lse, with_dense_rows(q), with_dense_rows(k),
         with_dense_rows(v), cu_q, cu_k, options, scratch);
  return result;
}

void attention_backward(Tensor& dq, Tensor& dk, Tensor& dv, const Tensor& dout, const Tensor& q, const Tensor& k,
                        const Tensor& v, const AttentionResult& result, const Sequences& cu_q, const Sequences& cu_k,
                        const AttentionOptions& options) {
  const char* op = "attention_backward";
  check_sequences(op, cu_q, cu_k, q.size(0), k.size(0));
  const Launch launch(op, {&dq, &dk, &dv, &dout, &q, &k, &v, &result.out, &result.lse, &cu_q.tensor(), &cu_k.tensor()},
                      int64_t(4 * q.bytes() + 4 * k.bytes()), product_flops(q, cu_q, cu_k, options.causal, 4));
  Tensor scratch = launch.scratch(&AttentionKernels::attention_scratch, q, cu_q, cu_k, true);
  launch(&AttentionKernels::attention_backward, dq, dk, dv, with_dense_rows(dout), with_dense_rows(q),
         with_dense_rows(k), with_dense_rows(v), with_dense_rows(result.out), result.lse.contiguous(), cu_q, cu_k,
         options, scratch);
}

Tensor decode_attention(const Tensor& q, const Tensor& k, const Tensor& v, const Ids& keys, const Ids& length,
                        float scale) {
  const char* op = "decode_attention";
  check_shapes(op, q, k, v);
  const int64_t b = q.size(0);
  const Tensor &rows = keys.tensor(), &lengths = length.tensor();
  base::check(rows.dtype() == DType::i32 && rows.rank() == 2 && rows.size(0) == b,
              "{}: keys is {} {}; it should be i32 [{}, m], a row per query", op, rows.dtype(), rows.shape(), b);
  keys.check(op, k.size(0));
  base::check(lengths.dtype() == DType::i32 && lengths.shape() == Shape{b},
              "{}: length is {} {}; it should be i32 [{}]", op, lengths.dtype(), lengths.shape(), b);
  length.check("decode_attention: length", rows.size(1) + 1);
  const Launch launch(op, {&q, &k, &v, &rows, &lengths},
                      int64_t(2 * q.bytes()) + 2 * rows.numel() * k.size(1) * k.size(2) * int64_t(size_of(k.dtype())));
  Tensor out = Tensor::empty(q.shape(), q.dtype(), q.device());
  Tensor scratch = launch.scratch(&AttentionKernels::decode_attention_scratch, q, rows.size(1));
  launch(&AttentionKernels::decode_attention, out, with_dense_rows(q), with_dense_rows(k), with_dense_rows(v),
         rows.contiguous(), lengths.contiguous(), scale, scratch);
  return out;
}

Tensor softmax(const Tensor& x) {
  const char* op = "softmax";
  base::check(x.rank() >= 1 && x.size(-1) > 0, "{}: x {} should be [..., n] with n > 0", op, x.shape());
  const Launch launch(op, {&x}, int64_t(2 * x.bytes()));
  const Tensor rows = x.rows();
  Tensor y = Tensor::empty(rows.shape(), x.dtype(), x.device());
  launch(&AttentionKernels::softmax, y, rows);
  return y.reshape(x.shape());
}

Tensor softmax_backward(const Tensor& dy, const Tensor& y) {
  const char* op = "softmax_backward";
  const Launch launch(op, {&dy, &y}, int64_t(3 * y.bytes()));
  const Tensor rows = y.rows();
  Tensor dx = Tensor::empty(rows.shape(), y.dtype(), y.device());
  launch(&AttentionKernels::softmax_backward, dx, dy.rows(), rows);
  return dx.reshape(y.shape());
}

}  // namespace tensor
