// The steps of training: gradients of a batch, and an update. Everything random is a function of seed and step.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "kilm/training/checkpoint.h"
#include "kilm/training/loss.h"
#include "kilm/training/micro_graphs.h"
#include "kilm/training/step_batch.h"
#include "kilm/training/step_report.h"
#include "optim/adamw.h"

namespace kilm::training {

// One optimizer step at a time over a model in memory; knows nothing of files.
class Trainer {
 public:
  // Takes the total_steps of the run, for the learning rate. What is trained moves to the config's device. With config
  // dtype "bf16" it computes in that from then on; its master copy begins with the numbers as given.
  Trainer(const TrainConfig& config, std::shared_ptr<Loss> loss, int64_t total_steps, TrainState state = {});
  // Trains the model by TokenCrossEntropy.
  Trainer(const TrainConfig& config, bart::Bart& model, int64_t total_steps, TrainState state = {})
      : Trainer(config, std::make_shared<TokenCrossEntropy>(model), total_steps, state) {}

  // Runs the micro-batches forward and backward, normalised once over all of them. Reads the weights and changes none;
  // what they cost and where it came from stays on the device.
  void accumulate(const StepBatch& batch);

  // Updates the weights with the gradients of `batch`, and moves the state behind it. Returns all of the report but the
  // seconds and the spike; it is read from the device here, at once. A step that is not finite changes no weight, and
  // its reason names the first op whose output or gradient is not finite. With config on_nonfinite "skip" it is
  // reported, and counts as a step though not as an update. The tenth in a row, and with "stop" the first, throws
  // NonFinite; the state is then that before the step, too.
  StepReport update(const StepBatch& batch);

  int64_t total_steps() const { return total_steps_; }
  optim::FlatParameters& parameters() { return parameters_; }
  const TrainState& state() const { return state_; }
  TrainState& state() { return state_; }

 private:
  void run(const batching::MicroBatch& micro, uint32_t number);
  void step(const batching::MicroBatch& micro, const tensor::RandomPosition& at);
  StepReport report_of(const StepBatch& batch, const optim::AdamW::Report& update) const;
  std::string explain_non_finite(const StepBatch& batch);

  const TrainConfig config_;
  std::shared_ptr<Loss> loss_;
  TrainState state_;
  int64_t total_steps_;
  optim::FlatParameters parameters_;
  optim::AdamW optimizer_;
  tensor::Tensor
      sums_;           // of the losses of a step, [1 + 2 kGroups] f64: weighted; by group; of the plain stream by group
  tensor::Ids whole_;  // [1]: the group of a loss that is not cut into any
  std::optional<MicroGraphs> graphs_;  // where they are used
};

}  // namespace kilm::training
