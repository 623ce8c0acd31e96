// Multi-head attention over packed sequences (Vaswani et al. 2017). Tokens of all sequences lie one after another;
// cu_seqlens[i] .. cu_seqlens[i+1] are the rows of sequence i, so no work is spent on padding.
#pragma once

#include "autograd/ops/matmul.h"
#include "autograd/ops/views.h"
#include "nn/layers.h"

namespace nn {

struct AttentionConfig {
  int64_t d_model = 0, heads = 0;
  float dropout = 0;  // on the probabilities, in training

  int64_t head_size() const { return d_model / heads; }
  double scale() const;  // head_size^-1/2
};

// Queries, keys and values from the same tokens, through one fused projection.
struct SelfAttention final : Module {
  SelfAttention(const AttentionConfig& config, DType dtype);
  // x[t, d] -> [t, d]; causal: a token sees itself and what is before it
  Variable forward(const Variable& x, const Sequences& cu_seqlens, bool causal, Mode mode) const;
  // Does the same around any attention: attend(qkv[t, 3, h, d / h]) -> [t, h, d / h].
  template <class Attend>
  Variable forward(const Variable& x, Attend&& attend) const;
  void visit(Visitor& v) override;

  AttentionConfig config;
  Variable qkv_weight;  // [3 d, d]: q_proj, k_proj, v_proj
  Variable qkv_bias;    // [3 d]
  Linear out_proj;
};

// Queries from the decoder, keys and values from the encoder's output.
struct CrossAttention final : Module {
  CrossAttention(const AttentionConfig& config, DType dtype);
  // x[t, d], memory[s, d] -> [t, d]
  Variable forward(const Variable& x, const Variable& memory, const Sequences& cu_seqlens, const Sequences& cu_memory,
                   Mode mode) const;
  // Does the same around any attention: attend(q[t, h, d / h]) -> [t, h, d / h].
  template <class Attend>
  Variable forward(const Variable& x, Attend&& attend) const;
  Variable keys_values(const Variable& memory) const;  // memory[s, d] -> [s, 2, h, d / h]
  void visit(Visitor& v) override;

  AttentionConfig config;
  Linear q_proj;
  Variable kv_weight;  // [2 d, d]: k_proj, v_proj
  Variable kv_bias;    // [2 d]
  Linear out_proj;
};

template <class Attend>
Variable SelfAttention::forward(const Variable& x, Attend&& attend) const {
  const int64_t t = x.size(0), d = config.d_model;
  const Variable qkv = autograd::linear(x, qkv_weight, qkv_bias);  // [t, 3 d]
  const Variable heads = attend(autograd::reshape(qkv, {t, 3, config.heads, config.head_size()}));
  return out_proj.forward(autograd::reshape(heads, {t, d}));
}

template <class Attend>
Variable CrossAttention::forward(const Variable& x, Attend&& attend) const {
  const int64_t t = x.size(0), d = config.d_model;
  const Variable heads = attend(autograd::reshape(q_proj.forward(x), {t, config.heads, config.head_size()}));
  return out_proj.forward(autograd::reshape(heads, {t, d}));
}

}  // namespace nn
