#include "nn/attention.h"

#include <cmath>

#include "autograd/ops/attention.h"
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

Variable SelfAttention::forward(const Variable& x, const Sequences& cu_seqlens, bool causal, Mode mode) const {
  return forward(
      x, [&](const Variable& qkv) { return autograd::self_attention(qkv, cu_seqlens, options(config, causal, mode)); });
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

Variable CrossAttention::forward(const Variable& x, const Variable& memory, const Sequences& cu_seqlens,
                                 const Sequences& cu_memory, Mode mode) const {
  return forward(x, [&](const Variable& q) {
    return autograd::cross_attention(q, keys_values(memory), cu_seqlens, cu_memory, options(config, false, mode));
  });
}

Variable CrossAttention::keys_values(const Variable& memory) const {
  const Variable kv = autograd::linear(memory, kv_weight, kv_bias);  // [s, 2 d]
  return autograd::reshape(kv, {memory.size(0), 2, config.heads, config.head_size()});
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
