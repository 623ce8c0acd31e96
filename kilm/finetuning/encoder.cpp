#include "kilm/finetuning/encoder.h"

#include <algorithm>

#include "tensor/base/format.h"

namespace kilm::finetuning {

namespace {

using Ids = std::vector<int32_t>;

// Returns a length for each text of a pair, so that both together have `most` tokens at most.
std::pair<int64_t, int64_t> lengths_of_pair(int64_t a, int64_t b, int64_t most) {
  if (a + b <= most) return {a, b};
  const int64_t half = most / 2, shorter = std::min(a, b);
  if (shorter <= half) return a <= b ? std::pair(a, most - a) : std::pair(most - b, b);
  return a <= b ? std::pair(half, most - half) : std::pair(most - half, half);
}

int64_t length_of(int64_t wanted, int64_t positions, const char* setting) {
  base::check<base::UsageError>(wanted <= positions, "{}: {} should be at most {}, the positions of the model", setting,
                                wanted, positions);
  return wanted == 0 ? positions : wanted;
}

Ids shifted_right(const Ids& ids, int32_t start) {
  Ids input = {start};
  input.insert(input.end(), ids.begin(), ids.end() - 1);
  return input;
}

}  // namespace

Encoder::Encoder(const tokenizer::Tokenizer& tokenizer, const bart::BartConfig& model, const FinetuneConfig& config)
    : tokenizer_(tokenizer),
      decoder_start_(int32_t(model.decoder_start_token_id)),
      most_source_(length_of(config.max_source_length, model.max_position_embeddings, "max source length")),
      most_target_(length_of(config.max_target_length, model.max_position_embeddings, "max target length")),
      has_target_(config.task == TaskKind::seq2seq) {
  constexpr int64_t kLeast = 4;  // <s> </s></s> </s>
  base::check<base::UsageError>(most_source_ >= kLeast && most_target_ >= kLeast,
                                "max source length: {} and max target length: {} should be at least {}", most_source_,
                                most_target_, kLeast);
}

Ids Encoder::wrapped(Ids ids, int64_t most) const {
  if (int64_t(ids.size()) > most - 2) ids.resize(size_t(most - 2));
  ids.insert(ids.begin(), tokenizer_.bos());
  ids.push_back(tokenizer_.eos());
  return ids;
}

Ids Encoder::source_of(const evaluation::TaskRow& row) const {
  constexpr tokenizer::EncodeOptions kAsTransformers{.parse_special = true};
  Ids ids = tokenizer_.encode(row.first, kAsTransformers);
  if (!row.second) return wrapped(std::move(ids), most_source_);
  Ids second = tokenizer_.encode(*row.second, kAsTransformers);
  const auto [a, b] = lengths_of_pair(int64_t(ids.size()), int64_t(second.size()), most_source_ - 4);
  ids.resize(size_t(a));
  second.resize(size_t(b));
  ids.insert(ids.end(), {tokenizer_.eos(), tokenizer_.eos()});
  ids.insert(ids.end(), second.begin(), second.end());
  return wrapped(std::move(ids), most_source_);
}

EncodedRow Encoder::encode(const evaluation::TaskRow& row) const {
  EncodedRow encoded{.source = source_of(row), .label = row.label, .number = row.number};
  if (has_target_) encoded.target = wrapped(tokenizer_.encode(row.target, {.parse_special = true}), most_target_);
  encoded.decoder_input = shifted_right(has_target_ ? encoded.target : encoded.source, decoder_start_);
  return encoded;
}

void RowCheck::operator()(const evaluation::TaskRow& row) {
  if (!has_head_) return;
  int64_t ends = row.second ? 3 : 1;
  constexpr std::string_view kEnd = "</s>";
  if (row.first.find(kEnd) != std::string::npos || (row.second && row.second->find(kEnd) != std::string::npos))
    ends = std::ranges::count(encoder_.encode(row).source, 2);
  if (ends_ < 0) ends_ = ends;
  base::check(ends == ends_, "has {} </s>, the rows before it have {}; a head reads the last one of each", ends, ends_);
}

}  // namespace kilm::finetuning
