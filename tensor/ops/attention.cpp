#include "tensor/ops/attention.h"

#include <algorithm>

#include "tensor/format.h"
#include "tensor/launch.h"
#include "tensor/ops/index.h"

namespace tensor {

namespace {

Tensor with_dense_rows(const Tensor& x) { return x.stride(-1) == 1 || x.numel() == 0 ? x : x.contiguous(); }

// Offsets as the kernels read them: one after another.
Tensor checked_offsets(const char* name, const Tensor& given, int64_t tokens) {
  base::check(given.dtype() == DType::i32 && given.rank() == 1 && given.numel() >= 1,
              "attention: {} is {} {}; it should be i32 [n + 1]", name, given.dtype(), given.shape());
  const Tensor cu = given.contiguous();
  const int32_t* p = cu.data<int32_t>();
  const int64_t n = cu.numel();
  base::check(p[0] == 0 && p[n - 1] == tokens,
              "attention: {} goes from {} to {}; it should go from 0 to {}, the tokens", name, p[0], p[n - 1], tokens);
  for (int64_t i = 1; i < n; ++i)
    base::check(p[i - 1] <= p[i], "attention: {}[{}] is {}, below {} before it", name, i, p[i], p[i - 1]);
  return cu;
}

// The most keys of a sequence; cu_k is row-major.
int64_t longest(const Tensor& cu_k) {
  const int32_t* p = cu_k.data<int32_t>();
  int64_t most = 0;
  for (int64_t i = 1; i < cu_k.numel(); ++i) most = std::max<int64_t>(most, p[i] - p[i - 1]);
  return most;
}

Tensor scratch_for(const Launch& launch, const Tensor& q, int64_t keys, bool backward) {
  const size_t bytes = launch(&AttentionKernels::attention_scratch, q, keys, backward);
  return Tensor::empty({int64_t(bytes)}, DType::u8, q.device());
}

void check_shapes(const char* op, const Tensor& q, const Tensor& k, const Tensor& v) {
  const bool fit =
      q.rank() == 3 && k.rank() == 3 && k.shape() == v.shape() && q.size(1) == k.size(1) && q.size(2) == k.size(2);
  base::check(fit, "{}: q {}, k {} and v {} should be [tq, h, d], [tk, h, d] and [tk, h, d]", op, q.shape(), k.shape(),
              v.shape());
  base::check(is_float(q.dtype()) && q.dtype() == k.dtype() && q.dtype() == v.dtype(),
              "{}: q {}, k {} and v {} should have one floating dtype", op, q.dtype(), k.dtype(), v.dtype());
}

}  // namespace

void check_dropout_keys(const AttentionOptions& options, int64_t keys) {
  base::check(options.dropout == 0 || keys <= kMaxDropoutKeys,
              "attention: a sequence has {} keys; with dropout it should have at most {}", keys, kMaxDropoutKeys);
}

AttentionResult attention(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& offsets_q,
                          const Tensor& offsets_k, const AttentionOptions& options) {
  const char* op = "attention";
  check_shapes(op, q, k, v);
  const Tensor cu_q = checked_offsets("cu_q", offsets_q, q.size(0));
  const Tensor cu_k = checked_offsets("cu_k", offsets_k, k.size(0));
  base::check(cu_q.numel() == cu_k.numel(), "attention: {} sequences of queries and {} of keys", cu_q.numel() - 1,
              cu_k.numel() - 1);
  base::check(options.dropout >= 0 && options.dropout < 1, "attention: dropout is {}; it should be in [0, 1)",
              options.dropout);
  const int64_t keys = longest(cu_k);
  check_dropout_keys(options, keys);
  const Launch launch(op, {&q, &k, &v, &cu_q, &cu_k}, int64_t(2 * q.bytes() + k.bytes() + v.bytes()));
  AttentionResult result{Tensor::empty(q.shape(), q.dtype(), q.device()),
                         Tensor::empty({q.size(0), q.size(1)}, acc_dtype(q.dtype()), q.device())};
  Tensor scratch = scratch_for(launch, q, keys, false);
  launch(&AttentionKernels::attention, result.out, result.lse, with_dense_rows(q), with_dense_rows(k),
         with_dense_rows(v), cu_q, cu_k, options, scratch);
  return result;
}

void attention_backward(Tensor& dq, Tensor& dk, Tensor& dv, const Tensor& dout, const Tensor& q, const Tensor& k,
                        const Tensor& v, const AttentionResult& result, const Tensor& offsets_q,
                        const Tensor& offsets_k, const AttentionOptions& options) {
  const char* op = "attention_backward";
  const Launch launch(op, {&dq, &dk, &dv, &dout, &q, &k, &v, &result.out, &result.lse, &offsets_q, &offsets_k},
                      int64_t(4 * q.bytes() + 4 * k.bytes()));
  const Tensor cu_q = offsets_q.contiguous(), cu_k = offsets_k.contiguous();
  Tensor scratch = scratch_for(launch, q, longest(cu_k), true);
  launch(&AttentionKernels::attention_backward, dq, dk, dv, with_dense_rows(dout), with_dense_rows(q),
         with_dense_rows(k), with_dense_rows(v), with_dense_rows(result.out), result.lse.contiguous(), cu_q, cu_k,
         options, scratch);
}

Tensor decode_attention(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& keys, const Tensor& length,
                        float scale) {
  const char* op = "decode_attention";
  check_shapes(op, q, k, v);
  const int64_t b = q.size(0);
  base::check(keys.dtype() == DType::i32 && keys.rank() == 2 && keys.size(0) == b,
              "{}: keys is {} {}; it should be i32 [{}, m], a row per query", op, keys.dtype(), keys.shape(), b);
  check_ids(op, keys, k.size(0));
  base::check(length.dtype() == DType::i32 && length.shape() == Shape{b}, "{}: length is {} {}; it should be i32 [{}]",
              op, length.dtype(), length.shape(), b);
  int64_t seen = 0;
  for (const int32_t n : length.to_vector<int32_t>()) {
    base::check(n >= 0 && n <= keys.size(1), "{}: a length is {}; it should be in [0, {}]", op, n, keys.size(1));
    seen += n;
  }
  const Launch launch(op, {&q, &k, &v, &keys, &length},
                      int64_t(2 * q.bytes()) + 2 * seen * k.size(1) * k.size(2) * int64_t(size_of(k.dtype())));
  Tensor out = Tensor::empty(q.shape(), q.dtype(), q.device());
  const size_t bytes = launch(&AttentionKernels::decode_attention_scratch, q, keys.size(1));
  Tensor scratch = Tensor::empty({int64_t(bytes)}, DType::u8, q.device());
  launch(&AttentionKernels::decode_attention, out, with_dense_rows(q), with_dense_rows(k), with_dense_rows(v),
         keys.contiguous(), length.contiguous(), scale, scratch);
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
