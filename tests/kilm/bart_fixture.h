// A small random BART and random token ids, for tests of what is computed with it.
#pragma once

#include <vector>

#include "kilm/bart/model.h"
#include "kilm/objective/draws.h"

namespace tests {

inline kilm::bart::Bart small_bart(tensor::DType dtype, int64_t vocab_size = 23, uint64_t seed = 1,
                                   int64_t positions = 48) {
  kilm::bart::BartConfig config;
  config.vocab_size = vocab_size;
  config.d_model = 16;
  config.encoder_layers = 2;
  config.decoder_layers = 2;
  config.encoder_attention_heads = 2;
  config.decoder_attention_heads = 4;
  config.encoder_ffn_dim = config.decoder_ffn_dim = 24;
  config.max_position_embeddings = positions;
  config.init_std = 0.5;  // so that the next tokens differ
  kilm::bart::Bart model(config, dtype);
  model.initialise(seed);
  return model;
}

// Returns `length` ids from 3 up to the vocabulary: no token that BART treats in its own way.
inline std::vector<int32_t> random_ids(int64_t length, const kilm::bart::Bart& model, uint32_t number) {
  kilm::objective::Draws draws(7, kilm::objective::Purpose::order, number, 0);
  std::vector<int32_t> ids;
  for (int64_t i = 0; i < length; ++i) ids.push_back(int32_t(3 + draws.below(model.config.vocab_size - 3)));
  return ids;
}

}  // namespace tests
