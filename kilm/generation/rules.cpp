#include "kilm/generation/rules.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tensor/base/format.h"
#include "tensor/ops/index.h"

namespace kilm::generation {

namespace {

using Ids = std::vector<int32_t>;

}  // namespace

void LogitEdits::forbid(int32_t row, int32_t token) {
  forbidden_rows.push_back(row);
  forbidden_tokens.push_back(token);
}

void LogitEdits::keep(int32_t row, const Ids& tokens) {
  kept_rows.push_back(row);
  kept_tokens.insert(kept_tokens.end(), tokens.begin(), tokens.end());
  kept_ends.push_back(int32_t(kept_tokens.size()));
}

void LogitEdits::apply(tensor::Tensor& logits) const {
  const auto ids = [device = logits.device()](const Ids& values) { return tensor::Ids::from(values, device); };
  if (!kept_rows.empty())
    tensor::keep_only(logits, ids(kept_rows), tensor::Sequences::from(kept_ends, logits.device()), ids(kept_tokens));
  if (!forbidden_rows.empty())
    tensor::edit_logits(logits, ids(forbidden_rows), ids(forbidden_tokens), -std::numeric_limits<double>::infinity());
}

Rules::Rules(const GenerateOptions& options, const bart::BartConfig& config, int64_t prefix)
    : options_(options),
      ends_{options.eos_token_id.value_or(int32_t(config.eos_token_id))},
      trie_end_(options.trie_end_token.value_or(ends_[0])),
      prefix_(prefix),
      limit_(std::min(options.max_new_tokens ? prefix + *options.max_new_tokens : options.max_length,
                      config.max_position_embeddings)) {
  ends_.insert(ends_.end(), options.more_eos_token_ids.begin(), options.more_eos_token_ids.end());
}

Hypothesis Rules::start(const Ids& prefix) const {
  Hypothesis hypothesis{prefix};
  if (options_.trie) hypothesis.node = Trie::kRoot;
  return hypothesis;
}

Hypothesis Rules::follow(const Hypothesis& before, int32_t token, double log_probability, size_t parent) const {
  Hypothesis after{.sum = before.sum + log_probability, .parent = int32_t(parent), .node = before.node};
  after.ids.reserve(before.ids.size() + 1);
  after.ids = before.ids;
  after.ids.push_back(token);
  if (before.node && !forces_first(int64_t(before.ids.size())))
    after.node = token == trie_end_ && options_.trie->ends(*before.node) ? std::nullopt
                                                                         : options_.trie->child(*before.node, token);
  return after;
}

void Rules::edit(LogitEdits& edits, int32_t row, int64_t vocabulary, const Hypothesis& hypothesis) const {
  const Ids& ids = hypothesis.ids;
  const int64_t size = int64_t(ids.size());
  const bool in_trie = hypothesis.node && !forces_first(size);
  const Ids allowed = in_trie ? allowed_by_trie(hypothesis, vocabulary) : Ids{};
  const std::optional<int32_t> only = forced(size);
  if (only && (!in_trie || std::find(allowed.begin(), allowed.end(), *only) != allowed.end())) {
    edits.forced.emplace_back(row, *only);
    return;
  }
  if (in_trie) edits.keep(row, allowed);
  if (size < options_.min_length)
    for (const int32_t end : ends_) edits.forbid(row, end);
  forbid_ngrams(edits, row, ids);
  forbid_bad_words(edits, row, ids);
}

double Rules::score(double sum, int64_t tokens) const {
  const int64_t counted = options_.reference_search ? tokens : tokens - prefix_;
  return sum / std::pow(double(counted), options_.length_penalty);
}

std::optional<int32_t> Rules::forced(int64_t tokens) const {
  if (options_.forced_eos_token_id && tokens == limit_ - 1) return options_.forced_eos_token_id;
  if (forces_first(tokens)) return options_.forced_bos_token_id;
  return std::nullopt;
}

// Returns what the trie allows next. The last token can only be the end of a list: one cut off is none of the trie.
Ids Rules::allowed_by_trie(const Hypothesis& hypothesis, int64_t vocabulary) const {
  Ids allowed;
  if (int64_t(hypothesis.ids.size()) + 1 < limit_) allowed = options_.trie->children(*hypothesis.node);
  if (options_.trie->ends(*hypothesis.node)) allowed.push_back(trie_end_);
  for (const int32_t token : allowed)
    base::check<base::DamagedInput>(token < vocabulary, "{}: token {} should be below {}", options_.trie->path(), token,
                                    vocabulary);
  return allowed;
}

void Rules::forbid_ngrams(LogitEdits& edits, int32_t row, const Ids& ids) const {
  const int64_t n = options_.no_repeat_ngram_size, size = int64_t(ids.size());
  if (n == 0) return;
  // Whatever followed an earlier occurrence of the last n - 1 tokens would complete an n-gram again.
  for (int64_t i = options_.ngrams_count_prefix ? 0 : prefix_; i + n <= size; ++i)
    if (std::equal(ids.begin() + i, ids.begin() + i + n - 1, ids.end() - (n - 1)))
      edits.forbid(row, ids[size_t(i + n - 1)]);
}

void Rules::forbid_bad_words(LogitEdits& edits, int32_t row, const Ids& ids) const {
  for (const Ids& word : options_.bad_words_ids) {
    const ptrdiff_t before = ptrdiff_t(word.size()) - 1;
    if (before == 0 && is_end(word[0])) continue;  // as in Transformers: a result could never end
    if (before <= ptrdiff_t(ids.size()) && std::equal(word.begin(), word.end() - 1, ids.end() - before))
      edits.forbid(row, word.back());
  }
}

}  // namespace kilm::generation
