#include <cmath>
#include <numeric>

#include "kilm/generation/search.h"
#include "kilm/objective/draws.h"

namespace kilm::generation {

namespace {

// num_return_sequences samples that know nothing of each other. The first step's logits are the same for all of them.
class Sampling final : public Search {
 public:
  Sampling(const Rules& rules, const std::vector<int32_t>& prefix, int64_t number) : Search(rules, prefix) {
    const size_t count = size_t(rules.options().num_return_sequences);
    for (uint32_t i = 0; i < count; ++i)
      draws_.emplace_back(rules.options().seed, objective::Purpose::sampling, uint32_t(number), i);
    results_.resize(count);
    sample_of_.resize(count);
    std::iota(sample_of_.begin(), sample_of_.end(), 0);
  }

  void advance(std::span<const NextTokens> next) override {
    std::vector<Hypothesis> open;
    std::vector<size_t> sample_of;
    for (size_t i = 0; i < sample_of_.size(); ++i) {
      const size_t row = std::min(i, open_.size() - 1), sample = sample_of_[i];
      const std::optional<size_t> choice = choose(next[row], draws_[sample].unit());
      if (!choice) continue;
      const int32_t token = next[row].tokens[*choice];
      Hypothesis child = rules_.follow(open_[row], token, next[row].log_probability(*choice), row);
      if (rules_.is_end(token) || int64_t(child.ids.size()) == rules_.limit()) {
        const double score = rules_.score(child.sum, int64_t(child.ids.size()));
        results_[sample] = {std::move(child.ids), rules_.prefix(), score};
      } else {
        open.push_back(std::move(child));
        sample_of.push_back(sample);
      }
    }
    open_ = std::move(open);
    sample_of_ = std::move(sample_of);
  }

  std::vector<Generated> results() const override {
    std::vector<Generated> results;
    for (const Generated& result : results_)
      if (!result.ids.empty()) results.push_back(result);
    return results;
  }

 private:
  // Returns the token whose share of the probabilities `unit`, in (0, 1), falls into; nothing where all tokens are
  // forbidden.
  std::optional<size_t> choose(const NextTokens& next, double unit) const {
    std::vector<double> weights;
    double total = 0;
    for (const float logit : next.logits) {
      if (std::isinf(logit)) break;
      weights.push_back(std::exp(double(logit - next.logits[0]) / rules_.options().temperature));
      total += weights.back();
    }
    if (weights.empty()) return std::nullopt;
    double kept = weights[0];
    size_t count = 1;
    for (; count < weights.size() && kept < rules_.options().top_p * total; ++count) kept += weights[count];
    size_t i = 0;
    for (double rest = unit * kept - weights[0]; rest > 0 && i + 1 < count; rest -= weights[i]) ++i;
    return i;
  }

  std::vector<objective::Draws> draws_;  // of each sample: one number per token
  std::vector<Generated> results_;       // of each sample; without ids until it ends
  std::vector<size_t> sample_of_;        // of each open hypothesis; of all samples before the first step
};

}  // namespace

std::unique_ptr<Search> sampling(const Rules& rules, const std::vector<int32_t>& prefix, int64_t number) {
  return std::make_unique<Sampling>(rules, prefix, number);
}

}  // namespace kilm::generation
