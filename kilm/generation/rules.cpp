#include "kilm/generation/rules.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tensor/base/format.h"

namespace kilm::generation {

namespace {

using Ids = std::vector<int32_t>;

constexpr float kForbidden = -std::numeric_limits<float>::infinity();

}  // namespace

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

void Rules::apply(std::span<float> logits, float normaliser, const Hypothesis& hypothesis) const {
  const Ids& ids = hypothesis.ids;
  const int64_t size = int64_t(ids.size());
  const bool in_trie = hypothesis.node && !forces_first(size);
  const Ids allowed = in_trie ? allowed_by_trie(hypothesis, logits.size()) : Ids{};
  const std::optional<int32_t> only = forced(size);
  if (only && (!in_trie || std::find(allowed.begin(), allowed.end(), *only) != allowed.end())) {
    std::fill(logits.begin(), logits.end(), kForbidden);
    logits[size_t(*only)] = normaliser;
    return;
  }
  if (in_trie) keep(logits, allowed);
  if (size < options_.min_length)
    for (const int32_t end : ends_) logits[size_t(end)] = kForbidden;
  forbid_ngrams(logits, ids);
  forbid_bad_words(logits, ids);
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

void Rules::keep(std::span<float> logits, const Ids& allowed) const {
  std::vector<float> kept;
  for (const int32_t token : allowed) kept.push_back(logits[size_t(token)]);
  std::fill(logits.begin(), logits.end(), kForbidden);
  for (size_t i = 0; i < allowed.size(); ++i) logits[size_t(allowed[i])] = kept[i];
}

// The last token can only be the end of a list: one that is cut off would be none of the trie.
Ids Rules::allowed_by_trie(const Hypothesis& hypothesis, size_t vocabulary) const {
  Ids allowed;
  if (int64_t(hypothesis.ids.size()) + 1 < limit_) allowed = options_.trie->children(*hypothesis.node);
  if (options_.trie->ends(*hypothesis.node)) allowed.push_back(trie_end_);
  for (const int32_t token : allowed)
    base::check<base::DamagedInput>(size_t(token) < vocabulary, "{}: token {} should be below {}",
                                    options_.trie->path(), token, vocabulary);
  return allowed;
}

void Rules::forbid_ngrams(std::span<float> logits, const Ids& ids) const {
  const int64_t n = options_.no_repeat_ngram_size, size = int64_t(ids.size());
  if (n == 0) return;
  // Whatever followed an earlier occurrence of the last n - 1 tokens would complete an n-gram again.
  for (int64_t i = options_.ngrams_count_prefix ? 0 : prefix_; i + n <= size; ++i)
    if (std::equal(ids.begin() + i, ids.begin() + i + n - 1, ids.end() - (n - 1)))
      logits[size_t(ids[size_t(i + n - 1)])] = kForbidden;
}

void Rules::forbid_bad_words(std::span<float> logits, const Ids& ids) const {
  for (const Ids& word : options_.bad_words_ids) {
    const ptrdiff_t before = ptrdiff_t(word.size()) - 1;
    if (before == 0 && is_end(word[0])) continue;  // as in Transformers: a result could never end
    if (before <= ptrdiff_t(ids.size()) && std::equal(word.begin(), word.end() - 1, ids.end() - before))
      logits[size_t(word.back())] = kForbidden;
  }
}

}  // namespace kilm::generation
