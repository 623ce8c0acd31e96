#include "kilm/bart/generate.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kilm/bart/decode.h"
#include "tensor/format.h"
#include "tensor/ops/index.h"
#include "tensor/ops/loss.h"

namespace kilm {

namespace {

using Ids = std::vector<int32_t>;

constexpr double kNone = -std::numeric_limits<double>::infinity();

// What one request's results must look like: the options, with what the model and the prefix add to them.
struct Rules {
  const GenerateOptions& options;
  int32_t eos;
  int64_t prefix;  // tokens
  int64_t limit;   // tokens of a result, with the prefix

  Rules(const GenerateOptions& options, const BartConfig& config, int64_t prefix)
      : options(options),
        eos(options.eos_token_id.value_or(int32_t(config.eos_token_id))),
        prefix(prefix),
        limit(std::min(options.max_new_tokens ? prefix + *options.max_new_tokens : options.max_length,
                       config.max_position_embeddings)) {}

  // The only token that may follow, if there is one.
  std::optional<int32_t> forced(const Ids& ids) const {
    if (options.forced_eos_token_id && int64_t(ids.size()) == limit - 1) return options.forced_eos_token_id;
    if (options.forced_bos_token_id && ids.size() == 1) return options.forced_bos_token_id;
    return std::nullopt;
  }

  // Makes the logits of what may not follow -inf.
  void forbid(float* logits, const Ids& ids) const {
    if (int64_t(ids.size()) < options.min_length) logits[eos] = float(kNone);
    const int64_t n = options.no_repeat_ngram_size, size = int64_t(ids.size());
    if (n == 0) return;
    // Whatever followed an earlier occurrence of the last n - 1 tokens would complete an n-gram again.
    for (int64_t i = options.ngrams_count_prefix ? 0 : prefix; i + n <= size; ++i)
      if (std::equal(ids.begin() + i, ids.begin() + i + n - 1, ids.end() - (n - 1)))
        logits[ids[i + n - 1]] = float(kNone);
  }

  // The score of a sum of log probabilities over the tokens of a result that has `size` with its prefix.
  double score(double sum, int64_t size) const {
    const int64_t counted = options.length_penalty_counts_prefix ? size : size - prefix;
    return sum / std::pow(double(counted), options.length_penalty);
  }
};

// An open beam, `beam` of its search, followed by `token`.
struct Candidate {
  double sum;  // of log probabilities
  int32_t beam, token;

  bool operator<(const Candidate& other) const {  // better first; the order decides between equals
    if (sum != other.sum) return sum > other.sum;
    return beam != other.beam ? beam < other.beam : token < other.token;
  }
};

// Beam search for one request. It starts with one open beam, the prefix.
class Search {
 public:
  struct Beam {
    Ids ids;
    double sum = 0;
    int32_t parent = 0;  // among the open beams of the step before
  };

  Search(const Rules& rules, const Ids& prefix) : rules_(rules), open_{{prefix}} {}

  const Rules& rules() const { return rules_; }
  const std::vector<Beam>& open() const { return open_; }
  bool done() const { return open_.empty(); }

  // One step: of the best 2 num_beams candidates, ends among the first num_beams are results, and others stay open.
  void advance(std::vector<Candidate>& candidates) {
    const size_t beams = size_t(rules_.options.num_beams), kept = std::min(2 * beams, candidates.size());
    std::partial_sort(candidates.begin(), candidates.begin() + ptrdiff_t(kept), candidates.end());
    std::vector<Beam> next;
    for (size_t rank = 0; rank < kept; ++rank) {
      const Candidate& c = candidates[rank];
      const Ids& before = open_[size_t(c.beam)].ids;
      const bool ends = c.token == rules_.eos || int64_t(before.size()) + 1 == rules_.limit;
      if (ends ? rank >= beams : next.size() == beams) continue;
      Beam child{before, c.sum, c.beam};
      child.ids.push_back(c.token);
      if (ends)
        close(std::move(child));
      else
        next.push_back(std::move(child));
    }
    open_ = std::move(next);
    if (settled()) open_.clear();
  }

  std::vector<Generated> results() const {
    return {results_.begin(),
            results_.begin() + std::min(rules_.options.num_return_sequences, int64_t(results_.size()))};
  }

 private:
  void close(Beam beam) {
    const double score = rules_.score(beam.sum, int64_t(beam.ids.size()));
    const auto worse = [](double a, const Generated& b) { return a > b.score; };
    results_.insert(std::upper_bound(results_.begin(), results_.end(), score, worse),
                    {std::move(beam.ids), rules_.prefix, score});
    if (int64_t(results_.size()) > rules_.options.num_beams) results_.pop_back();
  }

  // Whether open beams have no chance any more.
  bool settled() const {
    const GenerateOptions& options = rules_.options;
    if (open_.empty() || int64_t(results_.size()) < options.num_beams) return false;
    if (options.num_beams == 1 || options.early_stopping == EarlyStopping::yes) return true;
    const bool longer_is_better = options.early_stopping == EarlyStopping::never && options.length_penalty > 0;
    const int64_t size = longer_is_better ? rules_.limit : int64_t(open_[0].ids.size());
    return results_.back().score >= rules_.score(open_[0].sum, size);
  }

  Rules rules_;
  std::vector<Beam> open_;          // best first
  std::vector<Generated> results_;  // best first, at most num_beams
};

// One step of all searches. logits[n, v] has a row for each open beam, in the order of the searches.
void advance(std::span<Search* const> searches, const Tensor& raw, const GenerateOptions& options) {
  Tensor logits = raw.cast(DType::f32);
  const int64_t rows = logits.size(0), v = logits.size(1), k = std::min(2 * options.num_beams, v);
  const std::vector<float> lse =
      tensor::cross_entropy(logits, Tensor::zeros({rows}, DType::i32)).lse.to_vector<float>();
  float* row = logits.mutable_data<float>();
  for (Search* search : searches)
    for (const Search::Beam& beam : search->open()) {
      search->rules().forbid(row, beam.ids);
      row += v;
    }
  const tensor::TopK best = tensor::top_k(logits, k);
  const float* values = best.values.data<float>();
  const int32_t* tokens = best.indices.data<int32_t>();

  std::vector<Candidate> candidates;
  int64_t r = 0;
  for (Search* search : searches) {
    candidates.clear();
    for (int32_t b = 0; b < int32_t(search->open().size()); ++b, ++r) {
      const Search::Beam& beam = search->open()[size_t(b)];
      tensor::check<tensor::NonFinite>(std::isfinite(lse[size_t(r)]),
                                       "generate: the logits after {} tokens are not finite", beam.ids.size());
      if (const auto token = search->rules().forced(beam.ids)) {
        candidates.push_back({beam.sum, b, *token});
        continue;
      }
      for (int64_t i = r * k; i < (r + 1) * k; ++i)
        if (values[i] > float(kNone))
          candidates.push_back({beam.sum + double(values[i] - lse[size_t(r)]), b, tokens[i]});
    }
    search->advance(candidates);
  }
}

std::vector<Search> search_together(const Bart& model, std::span<const Ids> sources, std::span<const Ids> prefixes,
                                    const GenerateOptions& options) {
  Decoding decoding(model, Packed::of(sources));
  std::vector<Search> searches;
  for (const Ids& prefix : prefixes)
    searches.emplace_back(Rules(options, model.config, int64_t(prefix.size())), prefix);
  std::vector<Search*> running;
  for (Search& search : searches) running.push_back(&search);
  Tensor logits = decoding.start(prefixes);
  while (true) {
    std::vector<int32_t> first;  // row of each search in logits
    int32_t rows = 0;
    for (const Search* search : running) {
      first.push_back(rows);
      rows += int32_t(search->open().size());
    }
    advance(running, logits, options);
    std::vector<int32_t> parents, tokens;
    for (size_t i = 0; i < running.size(); ++i)
      for (const Search::Beam& beam : running[i]->open()) {
        parents.push_back(first[i] + beam.parent);
        tokens.push_back(beam.ids.back());
      }
    std::erase_if(running, [](const Search* search) { return search->done(); });
    if (running.empty()) return searches;
    logits = decoding.step(parents, tokens);
  }
}

void check_options(const GenerateOptions& o) {
  using tensor::UsageError;
  tensor::check<UsageError>(o.num_beams >= 1, "num beams: {} should be at least 1", o.num_beams);
  tensor::check<UsageError>(o.num_return_sequences >= 1 && o.num_return_sequences <= o.num_beams,
                            "num return sequences: {} should be between 1 and num beams, {}", o.num_return_sequences,
                            o.num_beams);
  tensor::check<UsageError>(o.max_new_tokens.value_or(1) >= 1, "max new tokens: {} should be at least 1",
                            o.max_new_tokens.value_or(1));
  tensor::check<UsageError>(o.no_repeat_ngram_size >= 0, "no repeat ngram size: {} should be at least 0",
                            o.no_repeat_ngram_size);
}

void check_request(int64_t number, const Ids& source, const Ids& prefix, const Rules& rules, const BartConfig& config) {
  tensor::check(!source.empty() && int64_t(source.size()) <= config.max_position_embeddings,
                "generate: request {} has a source of {} tokens; it should be 1 to {}", number, source.size(),
                config.max_position_embeddings);
  tensor::check(int64_t(prefix.size()) < rules.limit,
                "generate: request {} has a prefix of {} tokens; it should be shorter than {}, the longest result",
                number, prefix.size(), rules.limit);
}

}  // namespace

std::vector<std::vector<Generated>> generate(const Bart& model, std::span<const GenerateRequest> requests,
                                             const GenerateOptions& options) {
  check_options(options);
  std::vector<std::vector<Generated>> results;
  std::vector<Ids> sources, prefixes;
  int64_t tokens = 0;
  const auto flush = [&] {
    if (sources.empty()) return;
    for (const Search& search : search_together(model, sources, prefixes, options)) results.push_back(search.results());
    sources.clear();
    prefixes.clear();
    tokens = 0;
  };
  for (const GenerateRequest& request : requests) {
    const Ids prefix = request.prefix.empty() ? Ids{int32_t(model.config.decoder_start_token_id)} : request.prefix;
    check_request(int64_t(results.size() + sources.size()), request.source, prefix,
                  Rules(options, model.config, int64_t(prefix.size())), model.config);
    const int64_t more = int64_t(request.source.size() + prefix.size());
    if (tokens + more > options.batch_tokens) flush();
    sources.push_back(request.source);
    prefixes.push_back(prefix);
    tokens += more;
  }
  flush();
  return results;
}

}  // namespace kilm
