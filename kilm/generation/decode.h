// BART's decoder token by token. What attention looks back at is kept. Keys and values of the encoder's output are made
// once per source; those of every decoded token are appended to a cache. A hypothesis is the list of its cache rows, so
// hypotheses share the beginning that they have in common. Following another beam copies a list of numbers and no keys
// or values.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "kilm/bart/model.h"

namespace kilm::generation {

class Decoding {
 public:
  // Encodes the sources. The cache has room for `capacity` decoded tokens, prefixes included; with more it is copied to
  // twice the room. The model must outlive the decoding.
  Decoding(const bart::Bart& model, const bart::Packed& source, int64_t capacity = 0);

  // Begins one hypothesis per source with its prefix (not empty), whose tokens have these columns, as in Packed::of.
  // Returns the logits [n, v] of the next tokens. It is the first call, and the only one of its kind.
  tensor::Tensor start(std::span<const std::vector<int32_t>> prefixes,
                       std::span<const std::vector<int32_t>> columns = {});

  // Makes the new hypothesis i of parents[i] of the last call, followed by tokens[i]; a parent may have any number of
  // children. Returns the logits [n, v] of the next tokens. A row depends on its own source and tokens alone, bit by
  // bit.
  tensor::Tensor step(std::span<const int32_t> parents, std::span<const int32_t> tokens);

 private:
  struct CacheHypothesis {
    int32_t source;
    int32_t position;           // of the next token
    std::vector<int32_t> rows;  // of the cache, one per token
  };
  // The rows of keys and values that each query of a step sees, as decode_attention takes them.
  struct Seen {
    tensor::Ids rows;    // [b, m]
    tensor::Ids length;  // [b]
  };
  // softmax(scale q k^T) v over whatever the queries see: q[t, h, d], k and v[n, h, d] -> [t, h, d]
  using Attend = std::function<tensor::Tensor(const tensor::Tensor& q, const tensor::Tensor& k, const tensor::Tensor& v,
                                              float scale)>;

  Seen seen(const std::vector<const std::vector<int32_t>*>& rows_of_queries) const;
  void see_sources(std::vector<int32_t> sources);
  // Runs new tokens through all layers -> hidden states [t, d]. Their keys and values are appended to the cache.
  tensor::Tensor forward(const bart::Packed& input, const Attend& attend_self, const Attend& attend_source);
  autograd::Variable run_layer(size_t i, const autograd::Variable& input, const Attend& attend_self,
                               const Attend& attend_source);
  void append(size_t layer, const tensor::Tensor& kv);

  const bart::Bart& model_;
  const tensor::Device device_;                    // of the model
  const int64_t capacity_;                         // of the first cache
  tensor::Sequences sources_;                      // rows of source_kv_
  std::vector<std::vector<int32_t>> source_rows_;  // of each source
  std::vector<tensor::Tensor> source_kv_;          // per layer: [s, 2, h, d / h]
  std::vector<tensor::Tensor> cache_;              // per layer: [capacity, 2, h, d / h], of which used_ rows count
  int64_t used_ = 0;
  std::vector<CacheHypothesis> hypotheses_;  // of the last call
  std::vector<int32_t> sources_seen_;        // by the hypotheses of the last step
  Seen source_seen_;                         // the rows of those
};

}  // namespace kilm::generation
