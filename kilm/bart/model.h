// BART (Lewis et al. 2020): a bidirectional encoder and a causal decoder, post-norm, with learned positions. One
// embedding table also projects to the vocabulary. The model works on packed sequences: tokens of all sequences one
// after another.
#pragma once

#include <span>
#include <vector>

#include "kilm/bart/config.h"
#include "nn/layers.h"
#include "nn/transformer.h"

namespace kilm::bart {

using nn::DType;
using nn::Mode;
using nn::Recompute;
using nn::Tensor;
using nn::Variable;

inline constexpr int64_t kTableRows = 128;    // the table of tokens has a multiple of these
inline constexpr int32_t kFirstPosition = 2;  // BART's position table has two rows that are never used

// Token ids and where each sequence begins, on the device that computes with them. They are made from what the host
// has, so that no step waits for the device to know them.
struct Packed {
  tensor::Ids ids;              // [t]
  tensor::Ids positions;        // [t]: rows of the position table, the column in the sequence + kFirstPosition
  tensor::Sequences sequences;  // of t tokens

  // Packs sequences. Token j of sequence i has the column columns[i][j], or j where columns has no list or an empty one
  // for i.
  static Packed of(std::span<const std::vector<int32_t>> sequences, std::span<const std::vector<int32_t>> columns = {},
                   tensor::Device device = {});
  int64_t tokens() const { return ids.count(); }
};

// Embedding, layer norm, dropout: the common beginning of encoder and decoder.
struct BartEmbedding final : nn::Module {
  BartEmbedding(const BartConfig& config, DType dtype);
  // tokens[v, d] is the shared table, with its padding; -> [t, d]
  Variable forward(const Variable& tokens, const Packed& input, Mode mode) const;
  void check(const Packed& input) const;  // throws Error for ids and positions that forward refuses
  void visit(nn::Visitor& v) override;

  double scale;  // sqrt(d_model) with scale_embedding, else 1
  float dropout;
  int32_t padding;           // the id whose row of the table learns nothing as an input
  int64_t vocabulary;        // rows of the table that are tokens: all ids are below
  Variable embed_positions;  // [max_position_embeddings + 2, d]
  nn::LayerNorm layernorm_embedding;
};

struct BartEncoder final : nn::Module {
  BartEncoder(const BartConfig& config, const Variable& shared, DType dtype);
  Variable forward(const Packed& input, Mode mode, Recompute recompute = Recompute::none) const;  // [s, d]
  void visit(nn::Visitor& v) override;

  Variable embed_tokens;  // the model's shared table
  BartEmbedding embedding;
  std::vector<nn::EncoderLayer> layers;
};

struct BartDecoder final : nn::Module {
  BartDecoder(const BartConfig& config, const Variable& shared, DType dtype);
  // memory[s, d] is the encoder's output for `source`; -> [t, d]
  Variable forward(const Packed& input, const Variable& memory, const Packed& source, Mode mode,
                   Recompute recompute = Recompute::none) const;
  void visit(nn::Visitor& v) override;

  Variable embed_tokens;
  BartEmbedding embedding;
  std::vector<nn::DecoderLayer> layers;
};

// BartForConditionalGeneration.
struct Bart final : nn::Module {
  explicit Bart(BartConfig config, DType dtype = DType::f32);
  void visit(nn::Visitor& v) override;

  // Returns hidden states of the decoder [t, d]; logits are hidden shared^T + final_logits_bias.
  Variable forward(const Packed& source, const Packed& target, Mode mode, Recompute recompute = Recompute::none) const;
  Tensor logits(const Tensor& hidden) const;  // [t, d] -> [t, v]
  Tensor table() const;                       // the rows of `shared` that are tokens, [v, d]
  tensor::Device device() const { return shared.value().device(); }

  // Draws random weights as Transformers does: N(0, init_std), vectors 0 or 1, the pad row of the table 0.
  void initialise(uint64_t seed);
  // Gives the table and the bias `size` rows: old rows copied, new ones drawn from N(0, init_std), their bias 0.
  void resize_vocabulary(int64_t size, uint64_t seed);

  BartConfig config;
  Variable shared;  // [v, d], padded with rows of 0 to a multiple of 128, for products like their operands aligned
  BartEncoder encoder;
  BartDecoder decoder;
  Tensor final_logits_bias;  // [1, v], a buffer
};

}  // namespace kilm::bart
