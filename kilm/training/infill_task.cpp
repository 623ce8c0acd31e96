#include "kilm/training/infill_task.h"

#include "tensor/base/format.h"

namespace kilm::training {

InfillTask::InfillTask(const TrainConfig& config, const dataset::TrainingWindows& windows, const Evaluate& evaluate,
                       const std::string& model_folder)
    : config_(config),
      evaluate_(evaluate),
      windows_(windows.knowledge.count),
      plain_windows_(config.plain_ratio > 0 ? windows.plain.count : 0),
      folder_(bart::load_bart(model_folder)),
      objective_(tokenizer(), infill_config(config)),
      loader_(config, objective_, windows, config.device) {
  folder_.head.clear();  // a classifier's says nothing of what this model becomes
}

const tokenizer::Tokenizer& InfillTask::tokenizer() {
  bart::add_kilm_tokens(folder_, uint64_t(config_.seed));
  const tokenizer::Tokenizer& tokenizer = folder_.text_tokenizer();
  const std::string found = config_.tokenizer.empty() ? "" : tokenizer.fingerprint();
  base::check<base::UsageError>(found == config_.tokenizer,
                                "{}: the tokenizer is {:.12}, not the {:.12} that {}/resolved.json says the run "
                                "began with",
                                folder_.path, found, config_.tokenizer, config_.out);
  const int64_t positions = folder_.model.config.max_position_embeddings;
  base::check<base::UsageError>(config_.max_length <= positions,
                                "max length: {} should be at most {}, the positions of the model", config_.max_length,
                                positions);
  return tokenizer;
}

TrainState InfillTask::start() const { return {.windows = windows_, .plain_windows = plain_windows_}; }

std::optional<Findings> InfillTask::evaluate(int64_t step, const std::function<bool()>& stop) {
  std::optional<Evaluation> evaluation = evaluate_(folder_.model, objective_, step, stop);
  if (!evaluation) return std::nullopt;
  Findings findings{.loss = evaluation->loss};
  for (EvaluationRecord& record : evaluation->records) findings.records.push_back(std::move(record));
  return findings;
}

}  // namespace kilm::training
