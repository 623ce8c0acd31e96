// What a run trains a model for. The run knows steps, checkpoints and the log; its task has the model, the batches, the
// loss and the evaluation.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kilm/bart/folder.h"
#include "kilm/training/loss.h"
#include "kilm/training/run_log.h"
#include "kilm/training/step_batch.h"

namespace kilm::training {

// What an evaluation found.
struct Findings {
  std::vector<LogRecord> records;
  double loss = std::numeric_limits<double>::infinity();  // the best checkpoint is the one where it is lowest
};

class Task {
 public:
  virtual ~Task() = default;

  virtual const char* command() const = 0;   // of kilm, which goes on with such a run
  virtual const char* examples() const = 0;  // what the data have, as "windows"

  virtual std::shared_ptr<Loss> loss() = 0;
  // Returns what a checkpoint saves. The run asks for it once the trainer has laid out the parameters.
  virtual bart::BartFolder& folder() = 0;

  virtual TrainState start() const = 0;  // the state before the first step: how much data there is
  virtual int64_t total_steps() const = 0;
  virtual int64_t micro_tokens() const = 0;  // of a micro-batch at most, by which the trainer knows small ones
  // Makes the batch of a step. Another thread calls it, ahead of the steps.
  virtual StepBatch next(const batching::Cursor& begin) const = 0;

  // Evaluates the model after `step` updates. `stop` is asked between batches; once it says true, the evaluation is
  // given up and there is nothing: the resumed run then evaluates again.
  virtual std::optional<Findings> evaluate(int64_t step, const std::function<bool()>& stop) = 0;
};

// Makes the task with the model of a folder: the one that the run starts from, or that of a checkpoint.
using MakeTask = std::function<std::unique_ptr<Task>(const std::string& model_folder)>;

}  // namespace kilm::training
