// The task of `kilm train`: knowledge infilling of the windows of prepared data.
#pragma once

#include "kilm/training/run_evaluation.h"
#include "kilm/training/task.h"

namespace kilm::training {

class InfillTask final : public Task {
 public:
  // Opens the model, which gets the KILM tokens that it lacks. Throws UsageError for a tokenizer other than
  // config.tokenizer, and for a maximal length beyond the model's positions.
  InfillTask(const TrainConfig& config, const dataset::TrainingWindows& windows, const Evaluate& evaluate,
             const std::string& model_folder);

  const char* command() const override { return "train"; }
  const char* examples() const override { return "windows"; }
  std::shared_ptr<Loss> loss() override { return std::make_shared<TokenCrossEntropy>(folder_.model); }
  bart::BartFolder& folder() override { return folder_; }
  TrainState start() const override;
  int64_t total_steps() const override { return loader_.total_steps(); }
  int64_t micro_tokens() const override { return config_.batch_tokens; }
  StepBatch next(const batching::Cursor& begin) const override { return loader_.next(begin); }
  std::optional<Findings> evaluate(int64_t step, const std::function<bool()>& stop) override;

 private:
  const tokenizer::Tokenizer& tokenizer();

  const TrainConfig& config_;
  const Evaluate& evaluate_;
  const int64_t windows_, plain_windows_;
  bart::BartFolder folder_;
  objective::InfillObjective objective_;
  StepLoader loader_;
};

}  // namespace kilm::training
