#include "kilm/generation/decode.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "tensor/base/format.h"
#include "tensor/ops/attention.h"
#include "tensor/ops/index.h"
#include "tensor/trace.h"

namespace kilm::generation {

using tensor::Ids;

Decoding::Decoding(const bart::Bart& model, const bart::Packed& source, int64_t capacity)
    : model_(model), device_(model.device()), capacity_(capacity), sources_(source.sequences) {
  const autograd::NoGrad no_grad;
  const tensor::TracePath path("model");
  const autograd::Variable memory =
      nn::named("encoder", [&] { return model.encoder.forward(source, nn::Mode::evaluation); });
  for (const nn::DecoderLayer& layer : model.decoder.layers)
    source_kv_.push_back(layer.encoder_attn.keys_values(memory).value());
  cache_.resize(model.decoder.layers.size());
  const std::span<const int32_t> offsets = sources_.offsets();
  for (size_t i = 0; i + 1 < offsets.size(); ++i) {
    source_rows_.emplace_back(size_t(offsets[i + 1] - offsets[i]));
    std::iota(source_rows_.back().begin(), source_rows_.back().end(), offsets[i]);
  }
}

tensor::Tensor Decoding::start(std::span<const std::vector<int32_t>> prefixes,
                               std::span<const std::vector<int32_t>> columns) {
  base::check(used_ == 0 && prefixes.size() == source_rows_.size(),
              "decoding: {} prefixes at row {}; it should start with one for each of {} sources", prefixes.size(),
              used_, source_rows_.size());
  std::vector<int32_t> last;
  int32_t row = 0;
  for (size_t i = 0; i < prefixes.size(); ++i) {
    const int32_t size = int32_t(prefixes[i].size());
    base::check(size > 0, "decoding: prefix {} is empty", i);
    const bool given = i < columns.size() && !columns[i].empty();
    const int32_t column = given ? columns[i].back() : size - 1;
    std::vector<int32_t> rows(prefixes[i].size());
    std::iota(rows.begin(), rows.end(), row);
    row += size;
    last.push_back(row - 1);
    hypotheses_.push_back({int32_t(i), column + 1 + bart::kFirstPosition, std::move(rows)});
  }
  const bart::Packed input = bart::Packed::of(prefixes, columns, device_);
  const tensor::Tensor hidden = forward(
      input,
      [&](const tensor::Tensor& q, const tensor::Tensor& k, const tensor::Tensor& v, float scale) {
        return tensor::attention(q, k, v, input.sequences, input.sequences, {.scale = scale, .causal = true}).out;
      },
      [&](const tensor::Tensor& q, const tensor::Tensor& k, const tensor::Tensor& v, float scale) {
        return tensor::attention(q, k, v, input.sequences, sources_, {.scale = scale}).out;
      });
  return model_.logits(tensor::gather_rows(hidden, Ids::from(last, device_)));
}

tensor::Tensor Decoding::step(std::span<const int32_t> parents, std::span<const int32_t> tokens) {
  std::vector<CacheHypothesis> children;
  std::vector<const std::vector<int32_t>*> past;
  std::vector<int32_t> positions, sources;
  children.reserve(parents.size());
  for (size_t i = 0; i < parents.size(); ++i) {
    const CacheHypothesis& parent = hypotheses_[size_t(parents[i])];
    CacheHypothesis& child = children.emplace_back(CacheHypothesis{parent.source, parent.position + 1, {}});
    child.rows.reserve(parent.rows.size() + 1);
    child.rows = parent.rows;
    child.rows.push_back(int32_t(used_ + int64_t(i)));
    positions.push_back(parent.position);
    past.push_back(&child.rows);
    sources.push_back(child.source);
  }
  hypotheses_ = std::move(children);
  see_sources(std::move(sources));
  const bart::Packed input{Ids::from(tokens, device_), Ids::from(positions, device_), {}};
  const auto over = [](const Seen& seen) -> Attend {
    return [&seen](const tensor::Tensor& q, const tensor::Tensor& k, const tensor::Tensor& v, float scale) {
      return tensor::decode_attention(q, k, v, seen.rows, seen.length, scale);
    };
  };
  const Seen cached = seen(past);
  return model_.logits(forward(input, over(cached), over(source_seen_)));
}

Decoding::Seen Decoding::seen(const std::vector<const std::vector<int32_t>*>& rows_of_queries) const {
  size_t longest = 0;
  for (const auto* rows : rows_of_queries) longest = std::max(longest, rows->size());
  std::vector<int32_t> table(rows_of_queries.size() * longest), length;
  for (const auto* rows : rows_of_queries) {
    std::copy(rows->begin(), rows->end(), table.begin() + ptrdiff_t(length.size() * longest));
    length.push_back(int32_t(rows->size()));
  }
  return {Ids::from({int64_t(length.size()), int64_t(longest)}, table, device_), Ids::from(length, device_)};
}

// Sets the sources that a step sees. Hypotheses follow each other within their source, so most steps see the same ones.
void Decoding::see_sources(std::vector<int32_t> sources) {
  if (sources == sources_seen_) return;
  std::vector<const std::vector<int32_t>*> rows;
  for (const int32_t source : sources) rows.push_back(&source_rows_[size_t(source)]);
  source_seen_ = seen(rows);
  sources_seen_ = std::move(sources);
}

void Decoding::append(size_t layer, const tensor::Tensor& kv) {
  tensor::Tensor& cache = cache_[layer];
  const int64_t n = kv.size(0);
  if (!cache.defined() || used_ + n > cache.size(0)) {
    const tensor::Trace trace("key_value_cache");
    const int64_t rows = std::max(cache.defined() ? 2 * cache.size(0) : capacity_, used_ + n);
    tensor::Tensor larger = tensor::Tensor::empty({rows, 2, kv.size(2), kv.size(3)}, kv.dtype(), kv.device());
    if (used_ > 0) larger.narrow(0, 0, used_).copy_from(cache.narrow(0, 0, used_));
    cache = larger;
  }
  cache.narrow(0, used_, n).copy_from(kv);
}

tensor::Tensor Decoding::forward(const bart::Packed& input, const Attend& attend_self, const Attend& attend_source) {
  const autograd::NoGrad no_grad;
  const tensor::TracePath path("model");
  const autograd::Variable hidden = nn::named("decoder", [&] {
    autograd::Variable x = model_.decoder.embedding.forward(model_.shared, input, nn::Mode::evaluation);
    for (size_t i = 0; i < model_.decoder.layers.size(); ++i)
      x = nn::named("layers." + std::to_string(i), [&] { return run_layer(i, x, attend_self, attend_source); });
    return x;
  });
  used_ += input.tokens();
  return hidden.value();
}

autograd::Variable Decoding::run_layer(size_t i, const autograd::Variable& input, const Attend& attend_self,
                                       const Attend& attend_source) {
  using autograd::Variable;
  const nn::DecoderLayer& layer = model_.decoder.layers[i];
  const auto self = [&](const Variable& qkv) {
    append(i, qkv.value().narrow(1, 1, 2));
    const tensor::Tensor past = cache_[i].narrow(0, 0, used_ + input.size(0));
    return attend_self(qkv.value().select(1, 0), past.select(1, 0), past.select(1, 1), layer.self_attn.config.scale());
  };
  const auto source = [&](const Variable& q) {
    const tensor::Tensor& kv = source_kv_[i];
    return attend_source(q.value(), kv.select(1, 0), kv.select(1, 1), layer.encoder_attn.config.scale());
  };
  return layer.forward(
      input, [&](const Variable& x) { return layer.self_attn.forward(x, self); },
      [&](const Variable& x) { return layer.encoder_attn.forward(x, source); }, nn::Mode::evaluation);
}

}  // namespace kilm::generation
