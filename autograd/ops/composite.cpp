#include "autograd/ops/composite.h"

#include "autograd/ops/attention.h"
#include "autograd/ops/elementwise.h"
#include "autograd/ops/index.h"
#include "autograd/ops/matmul.h"
#include "autograd/ops/reduce.h"
#include "autograd/ops/views.h"
#include "tensor/ops/attention.h"
#include "tensor/random.h"

namespace autograd {

namespace {
thread_local bool use_kernels = true;
}

void set_fused(bool fused) { use_kernels = fused; }
bool fused() { return use_kernels; }
FusedGuard::FusedGuard(bool fused) : scope_(use_kernels, fused) {}

namespace composite {

using tensor::Unary;

Variable linear(const Variable& x, const Variable& w, const Variable& bias) {
  Shape shape = x.shape();
  shape[-1] = w.size(0);
  const Variable rows = reshape(x, x.value().rows().shape());
  const Variable y = reshape(matmul(rows, transpose(w, 0, 1)), shape);
  return bias.defined() ? add(y, bias) : y;
}

Variable bias_activation_dropout(Unary op, const Variable& x, const Variable& bias, float p) {
  return dropout(unary(op, add(x, bias)), p);
}

// Computes softmax by its definition. Subtracting the largest number changes nothing but keeps exp in range; it needs
// no gradient.
Variable softmax(const Variable& x) {
  const Variable e = unary(Unary::exp, sub(x, max(x, -1, true).values.detach()));
  return div(e, sum(e, -1, true));
}

Variable layer_norm(const Variable& x, const Variable& w, const Variable& b, double eps) {
  const Variable centred = sub(x, mean(x, -1, true));
  const Variable variance = mean(mul(centred, centred), -1, true);
  const Variable normal = div(centred, unary(Unary::sqrt, affine(variance, 1, eps)));
  return add(mul(normal, w), b);
}

Variable dropout_add_layer_norm(const Variable& x, const Variable& residual, const Variable& w, const Variable& b,
                                double eps, float p) {
  return composite::layer_norm(add(residual, dropout(x, p)), w, b, eps);
}

Variable embedding_sum(const Variable& tokens, const Variable& positions, const Ids& ids, const Ids& at, double factor,
                       int32_t padding) {
  return add(scale(embedding(tokens, ids, padding), factor), embedding(positions, at));
}

namespace {

// Returns what the probabilities [h, nq, nk] of one sequence are multiplied by. That is 0 where a query does not see
// the key or dropout takes it, else 1 / (1 - dropout). `first` is the row of the sequence's first query among all
// queries.
Tensor kept(const Shape& shape, int64_t first, const tensor::AttentionOptions& options, DType dtype) {
  const int64_t heads = shape[0], queries = shape[1], keys = shape[2];
  Tensor factor = Tensor::zeros(shape, DType::f64);
  double* f = factor.mutable_data<double>();
  for (int64_t h = 0; h < heads; ++h)
    for (int64_t i = 0; i < queries; ++i)
      for (int64_t j = 0; j < keys; ++j, ++f) {
        const uint64_t element = tensor::attention_element(first + i, heads, h) + uint64_t(j);
        const bool seen = !options.causal || j <= i + keys - queries;
        const uint32_t threshold = tensor::drop_threshold(options.dropout);
        if (seen && tensor::random_half(options.at, element) >= threshold) *f = tensor::keep_factor(threshold);
      }
  return factor.cast(dtype);
}

// Returns [nq, nk]: 0 where query i sees key j, else so small a number that softmax makes 0 of it.
Tensor causal_mask(int64_t queries, int64_t keys, DType dtype) {
  Tensor mask = Tensor::zeros({queries, keys}, DType::f64);
  double* m = mask.mutable_data<double>();
  for (int64_t i = 0; i < queries; ++i)
    for (int64_t j = 0; j < keys; ++j, ++m) *m = j <= i + keys - queries ? 0 : -1e30;
  return mask.cast(dtype);
}

// q[nq, h, d], k[nk, h, d], v[nk, h, d] of one sequence -> [nq, h, d]
Variable one_sequence(const Variable& q, const Variable& k, const Variable& v, int64_t first,
                      const tensor::AttentionOptions& options) {
  tensor::check_dropout_keys(options, k.size(0));
  const auto by_head = [](const Variable& x) { return transpose(x, 0, 1); };
  Variable scores = scale(matmul(by_head(q), by_head(k), false, true), options.scale);  // [h, nq, nk]
  if (options.causal) scores = add(scores, causal_mask(q.size(0), k.size(0), q.dtype()));
  Variable p = autograd::softmax(scores);
  if (options.causal || options.dropout > 0) p = mul(p, kept(p.shape(), first, options, q.dtype()));
  return by_head(matmul(p, by_head(v)));
}

}  // namespace

Variable attention(const Variable& q, const Variable& k, const Variable& v, const Sequences& cu_q,
                   const Sequences& cu_k, const tensor::AttentionOptions& wanted) {
  tensor::AttentionOptions options = wanted;
  if (options.dropout > 0) options.at = tensor::RandomStream::next();
  const std::span<const int32_t> rows_q = cu_q.offsets(), rows_k = cu_k.offsets();
  std::vector<Variable> parts;
  for (size_t s = 0; s + 1 < rows_q.size(); ++s) {
    const int64_t first = rows_q[s], queries = rows_q[s + 1] - first, keys = rows_k[s + 1] - rows_k[s];
    const auto of = [&](const Variable& x) { return narrow(x, 0, rows_k[s], keys); };
    const Variable sequence = narrow(q, 0, first, queries);
    parts.push_back(keys > 0 ? one_sequence(sequence, of(k), of(v), first, options) : scale(sequence, 0));
  }
  return parts.empty() ? scale(q, 0) : concat(parts, 0);
}

Variable self_attention(const Variable& qkv, const Sequences& cu_seqlens, const tensor::AttentionOptions& options) {
  return composite::attention(select(qkv, 1, 0), select(qkv, 1, 1), select(qkv, 1, 2), cu_seqlens, cu_seqlens, options);
}

Variable cross_attention(const Variable& q, const Variable& kv, const Sequences& cu_q, const Sequences& cu_k,
                         const tensor::AttentionOptions& options) {
  return composite::attention(q, select(kv, 1, 0), select(kv, 1, 1), cu_q, cu_k, options);
}

namespace {

// targets with 0 in place of negative ones, and 1 where a target counts, else 0
struct Counted {
  Tensor ids, weight;
};

Counted counted(const Tensor& targets, DType dtype) {
  std::vector<int32_t> ids = targets.to_vector<int32_t>();
  std::vector<double> weight(ids.size(), 1);
  for (size_t i = 0; i < ids.size(); ++i)
    if (ids[i] < 0) ids[i] = 0, weight[i] = 0;
  return {Tensor::from(targets.shape(), ids), Tensor::from(targets.shape(), weight).cast(dtype)};
}

}  // namespace

Variable cross_entropy(const Variable& logits, const Tensor& targets) {
  const Variable x = cast(logits, tensor::acc_dtype(logits.dtype()));
  const Counted to = counted(targets, x.dtype());
  const Variable shifted = sub(x, max(x, -1, true).values.detach());
  const Variable lse = unary(Unary::log, sum(unary(Unary::exp, shifted), -1));
  return mul(sub(lse, pick(shifted, to.ids)), to.weight);
}

TokenLoss linear_cross_entropy(const Variable& hidden, const Variable& w, const Tensor& bias, const Tensor& targets,
                               const Tensor& weights) {
  const Variable flat_bias = bias.defined() ? Variable(bias.reshape({-1})) : Variable();
  const Variable table = bias.defined() ? narrow(w, 0, 0, bias.numel()) : w;  // without padding
  const Variable losses = composite::cross_entropy(composite::linear(hidden, table, flat_bias), targets);
  return {sum(mul(losses, weights)), losses.value()};
}

}  // namespace composite

}  // namespace autograd
