// BART's configuration: what config.json says, typed and checked. Keys that mean nothing to us are kept, so that a
// folder that is read and written again loses nothing.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "nn/transformer.h"
#include "tensor/base/json.h"

namespace kilm::bart {

struct BartConfig {
  int64_t vocab_size = 50265;
  int64_t d_model = 1024;
  int64_t encoder_layers = 12, decoder_layers = 12;
  int64_t encoder_attention_heads = 16, decoder_attention_heads = 16;
  int64_t encoder_ffn_dim = 4096, decoder_ffn_dim = 4096;
  int64_t max_position_embeddings = 1024;
  std::string activation_function = "gelu";  // gelu, gelu_new, relu, tanh, silu (swish)
  double dropout = 0.1, attention_dropout = 0.0, activation_dropout = 0.0;
  double init_std = 0.02;
  bool scale_embedding = false;
  int64_t bos_token_id = 0, pad_token_id = 1, eos_token_id = 2, decoder_start_token_id = 2;

  // Every other key of config.json, as it was. Those that would change what is computed have BART's values.
  base::Json others;
  // Keys of which config.json says nothing: their values are the defaults, and are not written.
  std::set<std::string> unset;

  nn::TransformerConfig encoder() const;
  nn::TransformerConfig decoder() const;

  // Throws DamagedInput("config.json: d_model is 0, it should be at least 1") naming `place`.
  void check(const std::string& place) const;
};

BartConfig bart_base();  // of the published models
BartConfig bart_large();

// Reads config.json. Throws DamagedInput with file, key and reason.
BartConfig read_bart_config(const std::string& path);
BartConfig parse_bart_config(const base::Json& json, const std::string& place);
base::Json to_json(const BartConfig& config);

}  // namespace kilm::bart
