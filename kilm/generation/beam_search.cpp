// Greedy search is beam search with one beam.
#include <algorithm>
#include <cmath>

#include "kilm/generation/search.h"

namespace kilm::generation {

namespace {

// An open hypothesis followed by a token.
struct Candidate {
  double sum, log_probability;
  int32_t beam, token;

  bool operator<(const Candidate& other) const {  // better first; the order decides between equals
    if (sum != other.sum) return sum > other.sum;
    return beam != other.beam ? beam < other.beam : token < other.token;
  }
};

class BeamSearch final : public Search {
 public:
  using Search::Search;

  // Takes the best candidates: ends among the first num_beams are results, and others stay open.
  void advance(std::span<const NextTokens> next) override {
    const std::vector<Candidate> candidates = best_candidates(next);
    const size_t beams = size_t(rules_.options().num_beams);
    const bool last = open_size() + 1 == rules_.limit(), reference = rules_.options().reference_search;
    std::vector<Hypothesis> open;
    for (size_t rank = 0; rank < candidates.size(); ++rank) {
      const Candidate& c = candidates[rank];
      const bool end = rules_.is_end(c.token), ends = end || (last && !reference);
      if (ends ? rank >= beams : open.size() == beams) continue;
      Hypothesis child = rules_.follow(open_[size_t(c.beam)], c.token, c.log_probability, size_t(c.beam));
      if (ends)
        close(std::move(child), end);
      else
        open.push_back(std::move(child));
    }
    const double best = candidates.empty() ? 0 : candidates[0].sum;
    const bool done = reference ? settled(best, open_size()) : open.empty() || settled(open[0].sum, open_size() + 1);
    open_ = std::move(open);
    if (last && !done)
      for (Hypothesis& hypothesis : open_) close(std::move(hypothesis), false);
    if (last || done) open_.clear();
  }

  std::vector<Generated> results() const override {
    const int64_t wanted = std::min(rules_.options().num_return_sequences, int64_t(results_.size()));
    return {results_.begin(), results_.begin() + wanted};
  }

 private:
  int64_t open_size() const { return int64_t(open_[0].ids.size()); }

  std::vector<Candidate> best_candidates(std::span<const NextTokens> next) const {
    std::vector<Candidate> all;
    for (size_t beam = 0; beam < next.size(); ++beam)
      for (size_t i = 0; i < next[beam].tokens.size(); ++i) {
        const double p = next[beam].log_probability(i);
        if (std::isinf(p)) break;
        all.push_back({open_[beam].sum + p, p, int32_t(beam), next[beam].tokens[i]});
      }
    const size_t kept = std::min(size_t(candidates(rules_.options())), all.size());
    std::partial_sort(all.begin(), all.begin() + ptrdiff_t(kept), all.end());
    all.resize(kept);
    return all;
  }

  void close(Hypothesis hypothesis, bool with_end) {
    const bool counts_end = !rules_.options().reference_search;
    const int64_t size = int64_t(hypothesis.ids.size()) - (with_end && !counts_end);
    const double score = rules_.score(hypothesis.sum, size);
    const auto worse = [](double a, const Generated& b) { return a > b.score; };
    results_.insert(std::upper_bound(results_.begin(), results_.end(), score, worse),
                    {std::move(hypothesis.ids), rules_.prefix(), score});
    if (int64_t(results_.size()) > rules_.options().num_beams) results_.pop_back();
  }

  // Tells whether the open hypotheses, of which the best has this sum and size, have no chance any more.
  bool settled(double sum, int64_t size) const {
    const GenerateOptions& options = rules_.options();
    if (int64_t(results_.size()) < options.num_beams) return false;
    if (options.num_beams == 1 || options.early_stopping == EarlyStopping::yes) return true;
    const bool longer_is_better = options.early_stopping == EarlyStopping::never && options.length_penalty > 0;
    return results_.back().score >= rules_.score(sum, longer_is_better ? rules_.limit() : size);
  }

  std::vector<Generated> results_;  // best first, at most num_beams
};

}  // namespace

std::unique_ptr<Search> beam_search(const Rules& rules, const std::vector<int32_t>& prefix) {
  return std::make_unique<BeamSearch>(rules, prefix);
}

}  // namespace kilm::generation
