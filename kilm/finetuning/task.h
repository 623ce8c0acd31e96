// The task of `kilm finetune` for a run of kilm/training: rows of a file, in an order of their own in each pass.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "kilm/finetuning/evaluate.h"
#include "kilm/training/task.h"
#include "tensor/runtime.h"

namespace kilm::finetuning {

// The files of a run. Reading them once holds every row to what it should be.
struct TaskData {
  std::unique_ptr<TaskFile> train, eval;  // null: there is none
};
// Opens the files that the config names. `model` is the folder that the tokenizer and the number of classes are taken
// from. Throws DamagedInput for a row that does not fit, and UsageError where digests are not those of the config; it
// notes the ones that the config lacks, and tokenizer and classes.
TaskData open_data(FinetuneConfig& config, const std::string& model);

// Who listens to evaluations. Each begins anew.
struct EvaluationListener {
  std::function<void()> begin;
  std::function<void(const predictions::Row& row)> each;
  std::function<void(const Result& result)> end;  // not of one that was given up
};

class FinetuneTask final : public training::Task {
 public:
  // All but `model_folder` must outlive this. Throws UsageError for generation options that the model does not have, if
  // there is a file to evaluate.
  FinetuneTask(const FinetuneConfig& config, const TaskData& data, const EvaluationListener& listener,
               const std::string& model_folder);

  const char* command() const override { return "finetune"; }
  const char* examples() const override { return "examples"; }
  std::shared_ptr<training::Loss> loss() override { return model_; }
  bart::BartFolder& folder() override { return model_->folder(); }
  training::TrainState start() const override { return {.windows = data_.train->count()}; }
  // Returns config.steps, or as many that each row comes config.epochs times at least.
  int64_t total_steps() const override;
  int64_t micro_tokens() const override;
  training::StepBatch next(const batching::Cursor& begin) const override;
  std::optional<training::Findings> evaluate(int64_t step, const std::function<bool()>& stop) override;

 private:
  std::vector<EncodedRow> rows_from(batching::Cursor& cursor) const;

  const FinetuneConfig& config_;
  const TaskData& data_;
  const EvaluationListener& listener_;
  std::shared_ptr<TaskModel> model_;
  Encoder encoder_;
  tensor::Stream copies_;
};

}  // namespace kilm::finetuning
