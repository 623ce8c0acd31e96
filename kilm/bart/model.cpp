#include "kilm/bart/model.h"

#include <cmath>

#include "autograd/ops/elementwise.h"
#include "autograd/ops/index.h"
#include "tensor/base/format.h"
#include "tensor/ops/elementwise.h"
#include "tensor/ops/matmul.h"
#include "tensor/random.h"

namespace kilm::bart {

Packed Packed::of(std::span<const std::vector<int32_t>> sequences, std::span<const std::vector<int32_t>> columns,
                  tensor::Device device) {
  std::vector<int32_t> ids, positions, offsets = {0};
  for (size_t i = 0; i < sequences.size(); ++i) {
    ids.insert(ids.end(), sequences[i].begin(), sequences[i].end());
    for (size_t j = 0; j < sequences[i].size(); ++j) {
      const bool given = i < columns.size() && !columns[i].empty();
      positions.push_back((given ? columns[i][j] : int32_t(j)) + kFirstPosition);
    }
    offsets.push_back(int32_t(ids.size()));
  }
  return {tensor::Ids::from(ids, device), tensor::Ids::from(positions, device),
          tensor::Sequences::from(std::move(offsets), device)};
}

BartEmbedding::BartEmbedding(const BartConfig& config, DType dtype)
    : scale(config.scale_embedding ? std::sqrt(double(config.d_model)) : 1),
      dropout(float(config.dropout)),
      padding(int32_t(config.pad_token_id)),
      vocabulary(config.vocab_size),
      embed_positions(
          Variable::parameter(Tensor::zeros({config.max_position_embeddings + kFirstPosition, config.d_model}, dtype))),
      layernorm_embedding(config.d_model, dtype) {}

Variable BartEmbedding::forward(const Variable& tokens, const Packed& input, Mode mode) const {
  check(input);
  const Variable x = autograd::embedding_sum(tokens, embed_positions, input.ids, input.positions, scale, padding);
  const Variable y = nn::named("layernorm_embedding", [&] { return layernorm_embedding.forward(x); });
  return autograd::dropout(y, mode.training ? dropout : 0);
}

void BartEmbedding::check(const Packed& input) const {
  input.ids.check("embedding_sum", vocabulary);  // the op takes the padding for rows like any other
  input.positions.check("embedding_sum: positions", embed_positions.size(0));
}

void BartEmbedding::visit(nn::Visitor& v) {
  v("embed_positions.weight", embed_positions);
  v("layernorm_embedding", layernorm_embedding);
}

namespace {

template <class Layer>
std::vector<Layer> make_layers(int64_t count, const nn::TransformerConfig& config, DType dtype) {
  std::vector<Layer> layers;
  layers.reserve(size_t(count));
  for (int64_t i = 0; i < count; ++i) layers.emplace_back(config, dtype);
  return layers;
}

template <class Layer>
void visit_layers(nn::Visitor& v, std::vector<Layer>& layers) {
  for (size_t i = 0; i < layers.size(); ++i) v("layers." + std::to_string(i), layers[i]);
}

}  // namespace

BartEncoder::BartEncoder(const BartConfig& config, const Variable& shared, DType dtype)
    : embed_tokens(shared),
      embedding(config, dtype),
      layers(make_layers<nn::EncoderLayer>(config.encoder_layers, config.encoder(), dtype)) {}

Variable BartEncoder::forward(const Packed& input, Mode mode, Recompute recompute) const {
  Variable x = embedding.forward(embed_tokens, input, mode);
  for (size_t i = 0; i < layers.size(); ++i)
    x = nn::named("layers." + std::to_string(i),
                  [&] { return layers[i].forward(x, input.sequences, mode, recompute); });
  return x;
}

void BartEncoder::visit(nn::Visitor& v) {
  v.rows("embed_tokens.weight", embed_tokens, 0, embedding.vocabulary);
  embedding.visit(v);
  visit_layers(v, layers);
}

BartDecoder::BartDecoder(const BartConfig& config, const Variable& shared, DType dtype)
    : embed_tokens(shared),
      embedding(config, dtype),
      layers(make_layers<nn::DecoderLayer>(config.decoder_layers, config.decoder(), dtype)) {}

Variable BartDecoder::forward(const Packed& input, const Variable& memory, const Packed& source, Mode mode,
                              Recompute recompute) const {
  Variable x = embedding.forward(embed_tokens, input, mode);
  for (size_t i = 0; i < layers.size(); ++i)
    x = nn::named("layers." + std::to_string(i),
                  [&] { return layers[i].forward(x, memory, input.sequences, source.sequences, mode, recompute); });
  return x;
}

void BartDecoder::visit(nn::Visitor& v) {
  v.rows("embed_tokens.weight", embed_tokens, 0, embedding.vocabulary);
  embedding.visit(v);
  visit_layers(v, layers);
}

namespace {

int64_t padded(int64_t rows) { return (rows + kTableRows - 1) / kTableRows * kTableRows; }

}  // namespace

Bart::Bart(BartConfig bart_config, DType dtype)
    : config(std::move(bart_config)),
      shared(Variable::parameter(Tensor::zeros({padded(config.vocab_size), config.d_model}, dtype))),
      encoder(config, shared, dtype),
      decoder(config, shared, dtype),
      final_logits_bias(Tensor::zeros({1, config.vocab_size}, dtype)) {}

void Bart::visit(nn::Visitor& v) {
  v.rows("model.shared.weight", shared, 0, config.vocab_size);
  v("model.encoder", encoder);
  v("model.decoder", decoder);
  v.rows("lm_head.weight", shared, 0, config.vocab_size);
  v.buffer("final_logits_bias", final_logits_bias);
}

Variable Bart::forward(const Packed& source, const Packed& target, Mode mode, Recompute recompute) const {
  tensor::TracePath scope("model");
  const Variable memory = nn::named("encoder", [&] { return encoder.forward(source, mode, recompute); });
  return nn::named("decoder", [&] { return decoder.forward(target, memory, source, mode, recompute); });
}

Tensor Bart::logits(const Tensor& hidden) const {
  return tensor::linear(hidden, table(), final_logits_bias.reshape({config.vocab_size}));
}

Tensor Bart::table() const { return shared.value().narrow(0, 0, config.vocab_size); }

void Bart::initialise(uint64_t seed) {
  nn::initialise(*this, seed, config.init_std);
  const Tensor rows = shared.value();
  rows.narrow(0, config.pad_token_id, 1).fill(0);
  rows.narrow(0, config.vocab_size, rows.size(0) - config.vocab_size).fill(0);
}

void Bart::resize_vocabulary(int64_t size, uint64_t seed) {
  const Tensor old = table();
  const int64_t kept = std::min(size, old.size(0));
  const Tensor all = Tensor::zeros({padded(size), config.d_model}, old.dtype(), old.device());
  Tensor rows = all.narrow(0, 0, size), kept_rows = all.narrow(0, 0, kept);
  tensor::random_normal_(rows, 0, config.init_std,
                         {.key = tensor::philox_key(seed, tensor::RandomDomain::init), .op = 1u << 30});
  kept_rows.copy_from(old.narrow(0, 0, kept));
  Tensor bias = Tensor::zeros({1, size}, old.dtype(), old.device());
  Tensor kept_bias = bias.narrow(1, 0, kept);
  kept_bias.copy_from(final_logits_bias.narrow(1, 0, kept));
  autograd::Leaf& leaf = *shared.leaf();
  leaf.value = all;
  leaf.grad = Tensor();
  leaf.empty_grad = true;
  final_logits_bias = bias;
  config.vocab_size = encoder.embedding.vocabulary = decoder.embedding.vocabulary = size;
}

}  // namespace kilm::bart
