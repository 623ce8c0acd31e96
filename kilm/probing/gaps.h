// Which word a model puts into the gap of a sentence: every candidate is scored behind what stands before the gap, and
// the true one has a rank among them (LAMA, Petroni et al. 2019, for a model with a decoder). A score is the log
// probability of a word's tokens over their number to the power of length_normalization.
//
// Words of one token are read off one row of logits, thousands of them at once. Longer ones cost rows of their own, so
// only those are scored that can still come before the true word. No token adds to a log probability, so that of the
// first token bounds what the whole word reaches.
#pragma once

#include <span>
#include <vector>

#include "kilm/bart/model.h"
#include "kilm/probing/candidates.h"
#include "kilm/probing/prompt.h"

namespace kilm::probing {

struct GapOptions {
  double length_normalization = 1;
  int64_t batch_tokens = 8192;  // source and prefix tokens that are computed together; changes no result
};

// A prompt and the candidates for its gap, which have been tokenized and outlive the probing.
struct Gap {
  ClozePrompt prompt;
  const Candidates* candidates = nullptr;
  std::optional<size_t> gold;  // the true one, where it is asked for
};

struct Answer {
  int64_t rank = 0;  // of gold: 1 + the candidates that score more + equal ones that stand before it; 0 without gold
  double gold_score = 0;
  size_t predicted = 0;  // the candidate that scores most, the first of equal ones
  double predicted_score = 0;
};

// Returns the model's answer for each gap. Throws UsageError for batch_tokens below 1, NonFinite for logits that are
// not finite.
std::vector<Answer> answer_gaps(const bart::Bart& model, std::span<const Gap> gaps, const GapOptions& options);

}  // namespace kilm::probing
