// Which tokens may follow a hypothesis: the options of one request, with what the model and the prefix add to them.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "kilm/generation/generate.h"
#include "kilm/generation/trie.h"

namespace kilm::generation {

struct Hypothesis {
  std::vector<int32_t> ids;             // with the prefix
  double sum = 0;                       // of log probabilities
  int32_t parent = 0;                   // among the open hypotheses of the step before
  std::optional<Trie::Node> node = {};  // where in the trie it is; nothing where it is free
};

// What the rules of all open hypotheses say of one step's logits [r, v], whose rows they are.
struct LogitEdits {
  std::vector<int32_t> forbidden_rows, forbidden_tokens;      // pairs
  std::vector<int32_t> kept_rows, kept_tokens, kept_ends{0};  // of rows where only some tokens may follow: their lists
  std::vector<std::pair<int32_t, int32_t>> forced;            // rows and the one token that may follow

  void forbid(int32_t row, int32_t token);
  void keep(int32_t row, const std::vector<int32_t>& tokens);
  // Makes the logits of what may not follow -inf, but for rows with a forced token, which it leaves.
  void apply(tensor::Tensor& logits) const;
};

// Says how many continuations of all beams a step of beam search looks at: num_beams that do not end are among them,
// however many do.
inline int64_t candidates(const GenerateOptions& options) {
  return int64_t(2 + options.more_eos_token_ids.size()) * options.num_beams;
}

class Rules {
 public:
  Rules(const GenerateOptions& options, const bart::BartConfig& config, int64_t prefix);  // prefix: in tokens

  const GenerateOptions& options() const { return options_; }
  int64_t prefix() const { return prefix_; }
  int64_t limit() const { return limit_; }  // tokens of a result, with the prefix
  bool is_end(int32_t token) const { return std::find(ends_.begin(), ends_.end(), token) != ends_.end(); }

  Hypothesis start(const std::vector<int32_t>& prefix) const;
  Hypothesis follow(const Hypothesis& before, int32_t token, double log_probability, size_t parent) const;
  // Adds what these rules change in row `row` of the logits, whose hypothesis this is.
  void edit(LogitEdits& edits, int32_t row, int64_t vocabulary, const Hypothesis& hypothesis) const;

  // Returns the score of a sum of log probabilities over the tokens of a result.
  double score(double sum, int64_t tokens) const;

 private:
  std::optional<int32_t> forced(int64_t tokens) const;
  bool forces_first(int64_t tokens) const { return options_.forced_bos_token_id && tokens == 1; }
  std::vector<int32_t> allowed_by_trie(const Hypothesis& hypothesis, int64_t vocabulary) const;
  void forbid_ngrams(LogitEdits& edits, int32_t row, const std::vector<int32_t>& ids) const;
  void forbid_bad_words(LogitEdits& edits, int32_t row, const std::vector<int32_t>& ids) const;

  const GenerateOptions& options_;
  std::vector<int32_t> ends_;  // tokens that end a result
  int32_t trie_end_;
  int64_t prefix_, limit_;
};

}  // namespace kilm::generation
