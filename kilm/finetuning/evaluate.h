// How well a model does on the examples of a file: its loss, and the measures of its task.
#pragma once

#include <functional>
#include <optional>

#include "kilm/finetuning/task_file.h"
#include "kilm/finetuning/task_model.h"
#include "kilm/predictions/rows.h"

namespace kilm::finetuning {

struct Result {
  int64_t examples = 0;
  double loss = 0;      // that of training, without dropout: a mean over examples or target tokens
  base::Json measures;  // of classes accuracy macro_f1 matthews, of numbers pearson spearman, of texts rouge1 rouge2
                        // rougeL bleu exact_match f1
};
base::Json to_json(const Result& result);  // {"examples", "loss", ... measures}

struct EvaluateHooks {
  std::function<void(const predictions::Row& row)> each;  // what the model says of each example, in their order
  std::function<void(int64_t done)> progress;             // examples
  std::function<bool()> stop;                             // asked between batches: true gives the evaluation up
};

// Throws UsageError if texts are to be said and the options of the model's config, or of its folder, are none that it
// generates with.
void check_generation(const TaskModel& model);

// Evaluates, a few hundred rows at a time; `batch_tokens` says how many tokens are decoded together and changes no
// result. Returns nothing if it was asked to stop.
std::optional<Result> evaluate(const TaskModel& model, const Encoder& encoder, const TaskFile& file,
                               int64_t batch_tokens, const EvaluateHooks& hooks);

}  // namespace kilm::finetuning
