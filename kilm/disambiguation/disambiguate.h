// Which of its candidates a mention means, asked of a model that was never trained to choose: the likeliest knowledge
// behind the mention, as the objective taught it (docs/objective.md). Nothing is generated: each candidate's title, or
// its title and description, is scored behind the prompt of `kilm describe`.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kilm/bart/model.h"
#include "kilm/evaluation/readers/mentions.h"
#include "kilm/objective/infill.h"
#include "kilm/predictions/rows.h"

namespace kilm::disambiguation {

// What of a candidate is scored.
enum class ScoredPart : uint8_t {
  title,  // title <sep>
  full,   // title <sep> description </ent_desc>
};
inline constexpr ScoredPart kScoredParts[] = {ScoredPart::title, ScoredPart::full};
const char* name(ScoredPart part);

// score = (log p(tokens | prompt) - calibrate · log p(tokens | prompt of the bare mention)) / n ^ length_normalization
// with n tokens and natural logarithms.
struct ScoringOptions {
  ScoredPart part = ScoredPart::title;
  double length_normalization = 1, calibrate = 0;
  int64_t batch_tokens = 8192;  // source, prefix and candidates of the mentions that are scored together
};

// Returns for each mention the scores of its candidates, in their order. A score depends on the mention and its
// candidate alone, and of a long document on what is around the mention (window.h). What does not fit the model's
// positions loses tokens of the description, then of the title, from the end. The objective is one with
// evaluation::describe_objective. Throws DamagedInput, which names the mention's place, for a mention longer than the
// prompt may be, and what generation::score_continuations throws.
std::vector<std::vector<double>> score_candidates(const bart::Bart& model, const objective::InfillObjective& objective,
                                                  std::span<const evaluation::MentionItem> mentions,
                                                  const ScoringOptions& options);

// Returns what is said of a mention whose candidates have these scores: the best one is predicted, of equal ones the
// earlier.
predictions::Mention prediction(const evaluation::MentionItem& mention, std::span<const double> scores);

}  // namespace kilm::disambiguation
