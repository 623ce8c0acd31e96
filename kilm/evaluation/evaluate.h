// How well a model knows the entities of a set of windows (docs/objective.md, Measures). An evaluation takes the loss
// of each group of target tokens, and compares generated descriptions with the true ones. The masks are the same in
// every evaluation.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kilm/bart/model.h"
#include "kilm/dataset/window.h"
#include "kilm/objective/infill.h"
#include "tensor/base/json.h"

namespace kilm::evaluation {

struct EvaluateOptions {
  uint64_t seed = 0;            // of masks and of the mention whose knowledge a window's loss is of
  int64_t windows = 0;          // that many, evenly spread; 0: all
  int64_t mentions = 0;         // of these windows, described; evenly spread; 0: the first 10 of every window
  int64_t batch_tokens = 8192;  // source and target positions that are computed together; changes no result
  int64_t num_beams = 1;
  std::function<bool()> stop = {};  // asked between batches: true gives the evaluation up; empty: never
};

// What the model says of a mention, and what is true.
struct ExampleAnswer {
  std::string mention, title, description, gold_title, gold_description;
};

struct Score {
  int64_t mentions = 0;  // described
  // Shares of them whose title and description are exactly right, byte by byte, and the mean rouge_l of descriptions.
  double title_em = 0, description_em = 0, description_rouge_l = 0;
  // Nats per token of the group; nan where no token is of it. Each window gives one example, that of training: with
  // knowledge behind the mentions that the objective chooses with the seed.
  double knowledge_loss = 0, infill_loss = 0, copy_loss = 0;
  std::vector<ExampleAnswer> said;  // of 8 of the described mentions, evenly spread and the same in every evaluation
};

// Evaluates, and returns nothing if options.stop said so.
std::optional<Score> evaluate(const bart::Bart& model, const objective::InfillObjective& objective,
                              const dataset::WindowSet& windows, const EvaluateOptions& options);

// What a model has kept of plain text: nats per token of windows without knowledge, under masks of options.seed.
struct PlainScore {
  double infill_loss = 0, copy_loss = 0;
};
// Returns nothing if options.stop said so.
std::optional<PlainScore> evaluate_plain(const bart::Bart& model, const objective::InfillObjective& objective,
                                         const dataset::WindowSet& windows, const EvaluateOptions& options);

base::Json to_json(const Score& score);  // M of docs/objective.md, which is without `said`
base::Json to_json(const ExampleAnswer& said);
// Reads what to_json returned. Throws Error where a member is missing or of another type.
Score score_from_json(const base::Json& json);
ExampleAnswer example_answer_from_json(const base::Json& json);

}  // namespace kilm::evaluation
