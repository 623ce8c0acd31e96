#include "kilm/generation/generate.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kilm/generation/decode.h"
#include "kilm/generation/search.h"
#include "tensor/base/format.h"
#include "tensor/ops/index.h"
#include "tensor/ops/loss.h"

namespace kilm::generation {

const char* name(EarlyStopping when) {
  switch (when) {
    case EarlyStopping::yes: return "true";
    case EarlyStopping::no: return "false";
    case EarlyStopping::never: return "never";
  }
  base::fail("early stopping: no such value");
}

namespace {

using base::check;
using base::UsageError;
using Ids = std::vector<int32_t>;

constexpr int64_t kMostRows = 4096;  // of logits for one request: 785 MiB with the vocabulary of BART
// Tokens that the cache has room for before any is decoded, at most: 768 MiB of bf16 for BART large. Most searches end
// long before they reach their limit.
constexpr int64_t kMostReserved = 16384;

// Requests that are decoded together.
struct Together {
  std::vector<Ids> sources, source_columns, prefixes, prefix_columns;
  std::vector<std::unique_ptr<Search>> searches;
  int64_t tokens = 0;
};

// Says how many of the next tokens a search chooses from.
int64_t choices(const GenerateOptions& options, int64_t vocabulary) {
  if (!options.do_sample) return std::min(candidates(options), vocabulary);
  return options.top_k == 0 ? vocabulary : std::min(options.top_k, vocabulary);
}

// What may follow each row of one step's logits: k likeliest tokens, what is forbidden with the logit -inf.
struct Likeliest {
  std::vector<float> logits;       // [r, k]
  std::vector<int32_t> tokens;     // [r, k]
  std::vector<float> normalisers;  // [r]: log of the sum of exp of all logits, forbidden ones too
  int64_t k;

  NextTokens row(size_t r) const {
    const size_t n = size_t(k);
    return {{logits.data() + r * n, n}, {tokens.data() + r * n, n}, normalisers[r]};
  }
  // Makes a forced token certain: its logit is the normaliser.
  void force(size_t r, int32_t token) {
    const auto first = logits.begin() + ptrdiff_t(r) * k;
    std::fill(first, first + k, -std::numeric_limits<float>::infinity());
    *first = normalisers[r];
    tokens[r * size_t(k)] = token;
  }
};

template <class T>
std::vector<T> numbers(const tensor::Tensor& x) {
  return {x.data<T>(), x.data<T>() + x.numel()};
}

// Writes the edits into the logits, and waits for the device once.
Likeliest likeliest(tensor::Tensor&& raw, const LogitEdits& edits, int64_t k) {
  tensor::Tensor logits = raw.cast(tensor::DType::f32);
  const tensor::Tensor lse = tensor::log_sum_exp(logits);
  edits.apply(logits);
  const tensor::TopK best = tensor::top_k(logits, k);
  const std::vector<tensor::Tensor> read = tensor::read_back({best.values, best.indices, lse});
  Likeliest next{numbers<float>(read[0]), numbers<int32_t>(read[1]), numbers<float>(read[2]), k};
  for (const auto& [row, token] : edits.forced) next.force(size_t(row), token);
  return next;
}

// Makes one step of all searches. logits[n, v] has a row for each open hypothesis, in the order of the searches.
void advance(std::span<Search* const> searches, tensor::Tensor&& logits, const GenerateOptions& options) {
  const int64_t v = logits.size(1);
  LogitEdits edits;
  int32_t row = 0;
  for (Search* search : searches)
    for (const Hypothesis& hypothesis : search->open()) search->rules().edit(edits, row++, v, hypothesis);
  const Likeliest best = likeliest(std::move(logits), edits, choices(options, v));

  std::vector<NextTokens> next;
  size_t r = 0;
  for (Search* search : searches) {
    next.clear();
    for (const Hypothesis& hypothesis : search->open()) {
      next.push_back(best.row(r++));
      check<base::NonFinite>(std::isfinite(next.back().normaliser),
                             "generate: the logits after {} tokens are not finite", hypothesis.ids.size());
    }
    search->advance(next);
  }
}

// Says how many tokens all searches decode if each goes on to its limit, with their prefixes.
int64_t longest_cache(const Together& together, const GenerateOptions& options) {
  const int64_t beams = options.do_sample ? options.num_return_sequences : options.num_beams;
  int64_t rows = 0;
  for (const auto& search : together.searches) {
    const Rules& rules = search->rules();
    rows += rules.prefix() + (rules.limit() - rules.prefix() - 1) * beams;  // the last token is decoded no more
  }
  return rows;
}

// Returns false if it was asked to stop.
bool run(const bart::Bart& model, Together& together, const GenerateOptions& options) {
  const auto asked_to_stop = [&] { return options.stop && options.stop(); };
  if (asked_to_stop()) return false;
  Decoding decoding(model, bart::Packed::of(together.sources, together.source_columns, model.device()),
                    std::min(longest_cache(together, options), kMostReserved));
  std::vector<Search*> running;
  for (const auto& search : together.searches) running.push_back(search.get());
  tensor::Tensor logits = decoding.start(together.prefixes, together.prefix_columns);
  while (true) {
    std::vector<int32_t> first;  // row of each search in logits
    int32_t rows = 0;
    for (const Search* search : running) {
      first.push_back(rows);
      rows += int32_t(search->open().size());
    }
    advance(running, std::move(logits), options);
    std::vector<int32_t> parents, tokens;
    for (size_t i = 0; i < running.size(); ++i)
      for (const Hypothesis& hypothesis : running[i]->open()) {
        parents.push_back(first[i] + hypothesis.parent);
        tokens.push_back(hypothesis.ids.back());
      }
    std::erase_if(running, [](const Search* search) { return search->open().empty(); });
    if (running.empty()) return true;
    if (asked_to_stop()) return false;
    logits = decoding.step(parents, tokens);
  }
}

void check_request(int64_t number, const Ids& source, const Ids& source_columns, const Ids& prefix, const Rules& rules,
                   const bart::BartConfig& config) {
  const int64_t width = source_columns.empty() ? int64_t(source.size()) : source_columns.back() + 1;
  check(!source.empty() && width <= config.max_position_embeddings,
        "generate: request {} has a source of {} tokens; it should be 1 to {}", number, width,
        config.max_position_embeddings);
  check(int64_t(prefix.size()) < rules.limit(),
        "generate: request {} has a prefix of {} tokens; it should be shorter than {}, the longest result", number,
        prefix.size(), rules.limit());
}

// Returns those of the prefix that attention sees.
Ids seen(const Ids& prefix, const Ids& columns) {
  if (columns.empty()) return prefix;
  Ids tokens;
  for (const int32_t column : columns) tokens.push_back(prefix[size_t(column)]);
  return tokens;
}

}  // namespace

void check(const GenerateOptions& o, const bart::BartConfig& config) {
  check<UsageError>(o.num_beams >= 1, "num beams: {} should be at least 1", o.num_beams);
  for (const auto& [option, value] :
       {std::pair("num beams", o.num_beams), std::pair("num return sequences", o.num_return_sequences)})
    check<UsageError>(value <= kMostRows, "{}: {} should be at most {}", option, value, kMostRows);
  if (o.do_sample) {
    check<UsageError>(o.num_beams == 1, "num beams: {} should be 1 with do sample", o.num_beams);
    check<UsageError>(o.num_return_sequences >= 1, "num return sequences: {} should be at least 1",
                      o.num_return_sequences);
    check<UsageError>(o.temperature > 0, "temperature: {} should be above 0", o.temperature);
    check<UsageError>(o.top_k >= 0, "top k: {} should be at least 0", o.top_k);
    check<UsageError>(o.top_p >= 0 && o.top_p <= 1, "top p: {} should be in [0, 1]", o.top_p);
  } else {
    check<UsageError>(o.num_return_sequences >= 1 && o.num_return_sequences <= o.num_beams,
                      "num return sequences: {} should be between 1 and num beams, {}", o.num_return_sequences,
                      o.num_beams);
  }
  check<UsageError>(o.max_new_tokens || o.max_length >= 1, "max length: {} should be at least 1", o.max_length);
  check<UsageError>(o.min_length >= 0, "min length: {} should be at least 0", o.min_length);
  check<UsageError>(o.batch_tokens >= 1, "batch tokens: {} should be at least 1", o.batch_tokens);
  check<UsageError>(o.max_new_tokens.value_or(1) >= 1, "max new tokens: {} should be at least 1",
                    o.max_new_tokens.value_or(1));
  check<UsageError>(o.no_repeat_ngram_size >= 0, "no repeat ngram size: {} should be at least 0",
                    o.no_repeat_ngram_size);
  const auto check_id = [&](const char* option, std::optional<int32_t> id) {
    check<UsageError>(!id || (*id >= 0 && *id < config.vocab_size), "{}: {} should be 0 to {}", option, id.value_or(0),
                      config.vocab_size - 1);
  };
  check_id("eos token id", o.eos_token_id);
  for (const int32_t id : o.more_eos_token_ids) check_id("eos token id", id);
  check_id("decoder start token id", o.decoder_start_token_id);
  check_id("forced bos token id", o.forced_bos_token_id);
  check_id("forced eos token id", o.forced_eos_token_id);
  check_id("trie end token", o.trie_end_token);
  for (const Ids& word : o.bad_words_ids) {
    check<UsageError>(!word.empty(), "bad words ids: a list is empty, it should have a token");
    for (const int32_t id : word) check_id("bad words ids", id);
  }
}

std::vector<std::vector<Generated>> generate(const bart::Bart& model, std::span<const GenerateRequest> requests,
                                             const GenerateOptions& options) {
  check(options, model.config);
  const Ids start = {options.decoder_start_token_id.value_or(int32_t(model.config.decoder_start_token_id))};
  std::vector<std::vector<Generated>> results;
  Together together;
  const auto flush = [&] {
    if (together.searches.empty()) return true;
    if (!run(model, together, options)) return false;
    for (const auto& search : together.searches) results.push_back(search->results());
    together = {};
    return true;
  };
  for (size_t i = 0; i < requests.size(); ++i) {
    const GenerateRequest& request = requests[i];
    const Ids prefix = request.prefix.empty() ? start : request.prefix;
    const Rules rules(options, model.config, int64_t(prefix.size()));
    check_request(int64_t(i), request.source, request.source_columns, prefix, rules, model.config);
    const int64_t more = int64_t(request.source.size() + prefix.size());
    if (together.tokens + more > options.batch_tokens && !flush()) return {};
    together.sources.push_back(request.source);
    together.source_columns.push_back(request.source_columns);
    together.prefixes.push_back(seen(prefix, request.prefix_columns));
    together.prefix_columns.push_back(request.prefix_columns);
    together.searches.push_back(options.do_sample ? sampling(rules, prefix, options.first_number + int64_t(i))
                                                  : beam_search(rules, prefix));
    together.tokens += more;
  }
  if (!flush()) return {};
  return results;
}

}  // namespace kilm::generation
