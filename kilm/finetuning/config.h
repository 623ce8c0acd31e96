// Every setting of a run that fine-tunes. What `kilm train` has as well is a TrainConfig inside of it, of which only
// some settings apply.
#pragma once

#include <optional>
#include <string>

#include "kilm/evaluation/readers/glue_table.h"
#include "kilm/training/train_config.h"

namespace kilm::finetuning {

// What a model learns: a class of a text or of a pair, a number, or a text.
enum class TaskKind : uint8_t { classification, regression, seq2seq };
inline constexpr TaskKind kTaskKinds[] = {TaskKind::classification, TaskKind::regression, TaskKind::seq2seq};
const char* name(TaskKind task);
evaluation::Answer answer_of(TaskKind task);

struct FinetuneConfig {
  // Of data, model and out, and the settings that is_shared names. An update has one micro-batch and a run three passes
  // over the data, as with Transformers, unless somebody says otherwise. Its batch_tokens are decoded together.
  training::TrainConfig train = {.epochs = 3, .accumulate = 1};

  TaskKind task = TaskKind::classification;
  std::string eval, eval_digest;               // the examples of evaluations, and what they were; "": there are none
  std::optional<evaluation::GlueTask> format;  // nothing: JSON lines
  evaluation::Columns columns;
  int64_t labels = 0;  // classes of the head; 0: those of the folder's head, else of the format, else 2
  int64_t batch_size = 8;
  bool shuffle = true;
  double label_smoothing = 0;
  int64_t max_source_length = 0, max_target_length = 0;  // tokens; 0: the positions of the model
  base::Json generation = base::Json::object();  // options as generation_config.json has them; else the folder's
};

bool is_shared(const std::string& setting);  // whether fine-tuning has this setting of kilm train

base::Json to_json(const FinetuneConfig& config);
// Throws DamagedInput naming `place`.
FinetuneConfig finetune_config_from_json(const base::Json& json, const std::string& place);
// Tells whether a resolved.json is that of such a run.
bool is_finetuning(const base::Json& resolved);

// Throws UsageError for values that make no sense, alone or together.
void check(const FinetuneConfig& config);

}  // namespace kilm::finetuning
