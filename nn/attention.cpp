#include "nn/attention.h"

#include <cmath>

#include "autograd/ops/attention.h"
#include "autograd/ops/matmul.h"
#include "autograd/ops/views.h"
#include "tensor/format.h"

namespace nn {

double AttentionConfig::scale() const { return 1.0 / std::sqrt(double(head_size())); }

namespace {

const AttentionConfig& checked(const AttentionConfig& config) {
  base::check(config.heads > 0 && config.d_model % config.heads == 0, "attention: {} heads do not divide a width of {}",
              config.heads, config.d_model);
  return config;
}

tensor::AttentionOptions options(const AttentionConfig& config, bool causal, Mode mode) {
  return {.scale = config.scale(), .causal = causal, .dropout = mode.training ? config.dropout : 0};
}

}  // namespace

SelfAttention::SelfAttention(const AttentionConfig& config, DType dtype)
    : config(checked(config)),
      qkv_weight(Variable::parameter(Tensor::zeros({3 * config.d_model, config.d_model}, dtype))),
      qkv_bias(Variable::parameter(Tensor::zeros({3 * config.d_model}, dtype))),
      out_proj(config.d_model, config.d_model, dtype) {}

Variable SelfAttention::forward(const Variable& x, const Tensor& cu_seqlens, bool causal, Mode mode) const {
  const int64_t t = x.size(0), d = config.d_model;
  Variable qkv = autograd::linear(x, qkv_weight, qkv_bias);  // [t, 3 d]
  qkv = autograd::reshape(qkv, {t, 3, config.heads, config.head_size()});
  const Variable heads = autograd::self_attention(qkv, cu_seqlens, options(config, causal, mode));  // [t, h, d / h]
  return out_proj.forward(autograd::reshape(heads, {t, d}));
}

void SelfAttention::visit(Visitor& v) {
  const int64_t d = config.d_model;
  const char* names[] = {"q_proj", "k_proj", "v_proj"};
  for (int i = 0; i < 3; ++i) {
    v.rows(std::string(names[i]) + ".weight", qkv_weight, i * d, (i + 1) * d);
    v.rows(std::string(names[i]) + ".bias", qkv_bias, i * d, (i + 1) * d);
  }
  v("out_proj", out_proj);
}

CrossAttention::CrossAttention(const AttentionConfig& config, DType dtype)
    : config(checked(config)),
      q_proj(config.d_model, config.d_model, dtype),
      kv_weight(Variable::parameter(Tensor::zeros({2 * config.d_model, config.d_model}, dtype))),
      kv_bias(Variable::parameter(Tensor::zeros({2 * config.d_model}, dtype))),
      out_proj(config.d_model, config.d_model, dtype) {}

Variable CrossAttention::forward(const Variable& x, const Variable& memory, const Tensor& cu_seqlens,
                                 const Tensor& cu_memory, Mode mode) const {
  const int64_t t = x.size(0), s = memory.size(0), d = config.d_model;
  const Variable q = autograd::reshape(q_proj.forward(x), {t, config.heads, config.head_size()});
  Variable kv = autograd::linear(memory, kv_weight, kv_bias);  // [s, 2 d]
  kv = autograd::reshape(kv, {s, 2, config.heads, config.head_size()});
  const Variable heads = autograd::cross_attention(q, kv, cu_seqlens, cu_memory, options(config, false, mode));
  return out_proj.forward(autograd::reshape(heads, {t, d}));
}

void CrossAttention::visit(Visitor& v) {
  const int64_t d = config.d_model;
  v.rows("k_proj.weight", kv_weight, 0, d);
  v.rows("k_proj.bias", kv_bias, 0, d);
  v.rows("v_proj.weight", kv_weight, d, 2 * d);
  v.rows("v_proj.bias", kv_bias, d, 2 * d);
  v("q_proj", q_proj);
  v("out_proj", out_proj);
}

}  // namespace nn
