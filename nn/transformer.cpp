#include "nn/transformer.h"

#include "autograd/checkpoint.h"
#include "autograd/ops/elementwise.h"
#include "autograd/ops/matmul.h"

namespace nn {

namespace {

using Inputs = std::span<const Variable>;

// Returns f(inputs). With `again`, what f saves is dropped and comes back from a second run.
Variable run(bool again, const std::function<Variable(Inputs)>& f, std::vector<Variable> inputs) {
  return again ? autograd::checkpoint(f, std::move(inputs)) : f(inputs);
}

}  // namespace

const char* name(Recompute recompute) {
  switch (recompute) {
    case Recompute::none: return "none";
    case Recompute::attention: return "attention";
    case Recompute::layer: return "layer";
  }
  base::fail("recompute: no such value");
}

Variable feed_forward(const Variable& x, const Linear& fc1, const Linear& fc2, const TransformerConfig& config,
                      Mode mode) {
  const Variable inner = autograd::linear(x, fc1.weight, {});
  const float p = mode.training ? config.activation_dropout : 0;
  return fc2.forward(autograd::bias_activation_dropout(config.activation, inner, fc1.bias, p));
}

EncoderLayer::EncoderLayer(const TransformerConfig& config, DType dtype)
    : config(config),
      self_attn(config.attention(), dtype),
      self_attn_layer_norm(config.d_model, dtype),
      fc1(config.d_model, config.ffn, dtype),
      fc2(config.ffn, config.d_model, dtype),
      final_layer_norm(config.d_model, dtype) {}

Variable EncoderLayer::forward(const Variable& input, const Sequences& cu_seqlens, Mode mode,
                               Recompute recompute) const {
  if (recompute == Recompute::layer)
    return autograd::checkpoint([=, this](Inputs in) { return forward(in[0], cu_seqlens, mode); }, {input});
  const bool again = recompute == Recompute::attention;
  const float p = mode.training ? config.dropout : 0;
  Variable x = input;
  const auto attend = [=, this](Inputs in) { return self_attn.forward(in[0], cu_seqlens, false, mode); };
  const Variable attended = named("self_attn", [&] { return run(again, attend, {x}); });
  x = named("self_attn_layer_norm", [&] { return self_attn_layer_norm.add_and_norm(attended, x, p); });
  const Variable fed = named("fc2", [&] { return feed_forward(x, fc1, fc2, config, mode); });
  return named("final_layer_norm", [&] { return final_layer_norm.add_and_norm(fed, x, p); });
}

void EncoderLayer::visit(Visitor& v) {
  v("self_attn", self_attn);
  v("self_attn_layer_norm", self_attn_layer_norm);
  v("fc1", fc1);
  v("fc2", fc2);
  v("final_layer_norm", final_layer_norm);
}

DecoderLayer::DecoderLayer(const TransformerConfig& config, DType dtype)
    : config(config),
      self_attn(config.attention(), dtype),
      self_attn_layer_norm(config.d_model, dtype),
      encoder_attn(config.attention(), dtype),
      encoder_attn_layer_norm(config.d_model, dtype),
      fc1(config.d_model, config.ffn, dtype),
      fc2(config.ffn, config.d_model, dtype),
      final_layer_norm(config.d_model, dtype) {}

Variable DecoderLayer::forward(const Variable& input, const Variable& memory, const Sequences& cu_seqlens,
                               const Sequences& cu_memory, Mode mode, Recompute recompute) const {
  if (recompute == Recompute::layer)
    return autograd::checkpoint([=, this](Inputs in) { return forward(in[0], in[1], cu_seqlens, cu_memory, mode); },
                                {input, memory});
  const bool again = recompute == Recompute::attention;
  const auto attend = [=, this](Inputs in) { return self_attn.forward(in[0], cu_seqlens, true, mode); };
  const auto cross = [=, this](Inputs in) { return encoder_attn.forward(in[0], in[1], cu_seqlens, cu_memory, mode); };
  return forward(
      input, [&](const Variable& x) { return run(again, attend, {x}); },
      [&](const Variable& x) {
        return run(again, cross, {x, memory});
      },
      mode);
}

void DecoderLayer::visit(Visitor& v) {
  v("self_attn", self_attn);
  v("self_attn_layer_norm", self_attn_layer_norm);
  v("encoder_attn", encoder_attn);
  v("encoder_attn_layer_norm", encoder_attn_layer_norm);
  v("fc1", fc1);
  v("fc2", fc2);
  v("final_layer_norm", final_layer_norm);
}

}  // namespace nn
