// Post-norm transformer layers (Vaswani et al. 2017) with the module names of BART: every sub-layer ends in
// layer_norm(x + dropout(sublayer(x))).
#pragma once

#include "nn/attention.h"
#include "tensor/kernels.h"

namespace nn {

// Which parts of a layer keep only their inputs and run again in backward: nothing, each attention with its
// projections, or the whole layer. No bit of the results depends on it.
enum class Recompute : uint8_t { none, attention, layer };
inline constexpr Recompute kRecomputes[] = {Recompute::none, Recompute::attention, Recompute::layer};
const char* name(Recompute recompute);

struct TransformerConfig {
  int64_t d_model = 0, heads = 0, ffn = 0;
  float dropout = 0, attention_dropout = 0, activation_dropout = 0;
  tensor::Unary activation = tensor::Unary::gelu;

  AttentionConfig attention() const { return {d_model, heads, attention_dropout}; }
};

// Returns fc2(dropout(activation(fc1(x)))). In Hugging Face's names it is no module of its own: fc1 and fc2 belong to
// the layer.
Variable feed_forward(const Variable& x, const Linear& fc1, const Linear& fc2, const TransformerConfig& config,
                      Mode mode);

struct EncoderLayer final : Module {
  EncoderLayer(const TransformerConfig& config, DType dtype);
  // x[s, d] -> [s, d]
  Variable forward(const Variable& x, const Sequences& cu_seqlens, Mode mode,
                   Recompute recompute = Recompute::none) const;
  void visit(Visitor& v) override;

  TransformerConfig config;
  SelfAttention self_attn;
  LayerNorm self_attn_layer_norm;
  Linear fc1, fc2;
  LayerNorm final_layer_norm;
};

struct DecoderLayer final : Module {
  DecoderLayer(const TransformerConfig& config, DType dtype);
  // x[t, d], memory[s, d] (the encoder's output) -> [t, d]
  Variable forward(const Variable& x, const Variable& memory, const Sequences& cu_seqlens, const Sequences& cu_memory,
                   Mode mode, Recompute recompute = Recompute::none) const;
  // Does the same around any attention; generation has its own. self(x) and cross(x), with their projections, give what
  // self_attn and encoder_attn do, [t, d].
  template <class Self, class Cross>
  Variable forward(const Variable& x, Self&& self, Cross&& cross, Mode mode) const;
  void visit(Visitor& v) override;

  TransformerConfig config;
  SelfAttention self_attn;
  LayerNorm self_attn_layer_norm;
  CrossAttention encoder_attn;
  LayerNorm encoder_attn_layer_norm;
  Linear fc1, fc2;
  LayerNorm final_layer_norm;
};

template <class Self, class Cross>
Variable DecoderLayer::forward(const Variable& input, Self&& self, Cross&& cross, Mode mode) const {
  const float p = mode.training ? config.dropout : 0;
  const Variable attended = named("self_attn", [&] { return self(input); });
  Variable x = named("self_attn_layer_norm", [&] { return self_attn_layer_norm.add_and_norm(attended, input, p); });
  const Variable crossed = named("encoder_attn", [&] { return cross(x); });
  x = named("encoder_attn_layer_norm", [&] { return encoder_attn_layer_norm.add_and_norm(crossed, x, p); });
  const Variable fed = named("fc2", [&] { return feed_forward(x, fc1, fc2, config, mode); });
  return named("final_layer_norm", [&] { return final_layer_norm.add_and_norm(fed, x, p); });
}

}  // namespace nn
