// What the ways of searching have in common: hypotheses that are still open, and the choice of the tokens that follow
// them. Each hypothesis is a row of the next step's logits.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "kilm/generation/rules.h"

namespace kilm::generation {

// What may follow a hypothesis, likeliest first. A forbidden token has the logit -inf.
struct NextTokens {
  std::span<const float> logits;
  std::span<const int32_t> tokens;
  float normaliser;  // log of the sum of exp of all logits, forbidden ones too

  double log_probability(size_t i) const { return double(logits[i] - normaliser); }
};

// The search for one request's results. It starts with one open hypothesis, the prefix.
class Search {
 public:
  Search(const Rules& rules, const std::vector<int32_t>& prefix) : rules_(rules), open_{rules.start(prefix)} {}
  virtual ~Search() = default;

  const Rules& rules() const { return rules_; }
  const std::vector<Hypothesis>& open() const { return open_; }

  // Makes one step; next[i] is what may follow open()[i].
  virtual void advance(std::span<const NextTokens> next) = 0;
  virtual std::vector<Generated> results() const = 0;

 protected:
  Rules rules_;
  std::vector<Hypothesis> open_;
};

std::unique_ptr<Search> beam_search(const Rules& rules, const std::vector<int32_t>& prefix);
// Draws samples. `number` is that of the request: the samples of each are its own.
std::unique_ptr<Search> sampling(const Rules& rules, const std::vector<int32_t>& prefix, int64_t number);

}  // namespace kilm::generation
