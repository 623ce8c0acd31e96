#include "kilm/generation/decode.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "tensor/base/format.h"
#include "tensor/ops/attention.h"
#include "tensor/ops/index.h"
#include "tensor/trace.h"

namespace kilm::generation {

namespace {

// The rows that each query of a step sees, as decode_attention takes them.
struct Seen {
  tensor::Tensor rows;    // [b, m] i32
  tensor::Tensor length;  // [b] i32

  explicit Seen(const std::vector<const std::vector<int32_t>*>& lists) {
    size_t longest = 0;
    for (const auto* list : lists) longest = std::max(longest, list->size());
    rows = tensor::Tensor::zeros({int64_t(lists.size()), int64_t(longest)}, tensor::DType::i32);
    length = tensor::Tensor::empty({int64_t(lists.size())}, tensor::DType::i32);
    int32_t *row = rows.mutable_data<int32_t>(), *n = length.mutable_data<int32_t>();
    for (const auto* list : lists) {
      std::copy(list->begin(), list->end(), row);
      row += longest;
      *n++ = int32_t(list->size());
    }
  }

  tensor::Tensor operator()(const tensor::Tensor& q, const tensor::Tensor& k, const tensor::Tensor& v,
                            float scale) const {
    return tensor::decode_attention(q, k, v, rows, length, scale);
  }
};

tensor::Tensor ids(const std::vector<int32_t>& values) {
  return tensor::Tensor::from({int64_t(values.size())}, values);
}

}  // namespace

Decoding::Decoding(const bart::Bart& model, const bart::Packed& source) : model_(model), cu_source_(source.cu_seqlens) {
  const autograd::NoGrad no_grad;
  const tensor::TracePath path("model");
  const autograd::Variable memory =
      nn::named("encoder", [&] { return model.encoder.forward(source, nn::Mode::evaluation); });
  for (const nn::DecoderLayer& layer : model.decoder.layers)
    source_kv_.push_back(layer.encoder_attn.keys_values(memory).value());
  cache_.resize(model.decoder.layers.size());
  const std::vector<int32_t> cu = cu_source_.to_vector<int32_t>();
  for (size_t i = 0; i + 1 < cu.size(); ++i) {
    source_rows_.emplace_back(size_t(cu[i + 1] - cu[i]));
    std::iota(source_rows_.back().begin(), source_rows_.back().end(), cu[i]);
  }
}

tensor::Tensor Decoding::start(std::span<const std::vector<int32_t>> prefixes,
                               std::span<const std::vector<int32_t>> columns) {
  base::check(used_ == 0 && prefixes.size() == source_rows_.size(),
              "decoding: {} prefixes at row {}; it should start with one for each of {} sources", prefixes.size(),
              used_, source_rows_.size());
  const bart::Packed input = bart::Packed::of(prefixes, columns);
  const int32_t* position = input.positions.data<int32_t>();
  std::vector<int32_t> last;
  int32_t row = 0;
  for (const std::vector<int32_t>& prefix : prefixes) {
    base::check(!prefix.empty(), "decoding: prefix {} is empty", hypotheses_.size());
    std::vector<int32_t> rows(prefix.size());
    std::iota(rows.begin(), rows.end(), row);
    row += int32_t(prefix.size());
    last.push_back(row - 1);
    hypotheses_.push_back({int32_t(hypotheses_.size()), position[row - 1] + 1, std::move(rows)});
  }
  const tensor::Tensor hidden = forward(
      input,
      [&](const tensor::Tensor& q, const tensor::Tensor& k, const tensor::Tensor& v, float scale) {
        return tensor::attention(q, k, v, input.cu_seqlens, input.cu_seqlens, {.scale = scale, .causal = true}).out;
      },
      [&](const tensor::Tensor& q, const tensor::Tensor& k, const tensor::Tensor& v, float scale) {
        return tensor::attention(q, k, v, input.cu_seqlens, cu_source_, {.scale = scale}).out;
      });
  return model_.logits(tensor::gather_rows(hidden, ids(last)));
}

tensor::Tensor Decoding::step(std::span<const int32_t> parents, std::span<const int32_t> tokens) {
  std::vector<CacheHypothesis> children;
  std::vector<const std::vector<int32_t>*> past, source;
  std::vector<int32_t> positions;
  children.reserve(parents.size());
  for (size_t i = 0; i < parents.size(); ++i) {
    const CacheHypothesis& parent = hypotheses_[size_t(parents[i])];
    CacheHypothesis& child = children.emplace_back(CacheHypothesis{parent.source, parent.position + 1, {}});
    child.rows.reserve(parent.rows.size() + 1);
    child.rows = parent.rows;
    child.rows.push_back(int32_t(used_ + int64_t(i)));
    positions.push_back(parent.position);
    past.push_back(&child.rows);
    source.push_back(&source_rows_[size_t(child.source)]);
  }
  hypotheses_ = std::move(children);
  const bart::Packed input{tensor::Tensor::from({int64_t(tokens.size())}, tokens), ids(positions), {}};
  return model_.logits(forward(input, Seen(past), Seen(source)));
}

void Decoding::append(size_t layer, const tensor::Tensor& kv) {
  tensor::Tensor& cache = cache_[layer];
  const int64_t n = kv.size(0), capacity = cache.defined() ? cache.size(0) : 0;
  if (used_ + n > capacity) {
    const tensor::Trace trace("key_value_cache");
    tensor::Tensor larger =
        tensor::Tensor::empty({std::max(2 * capacity, used_ + n), 2, kv.size(2), kv.size(3)}, kv.dtype(), kv.device());
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
