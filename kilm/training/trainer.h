// The training loop: data in, one update per step, evaluation, checkpoints. Everything random is a function of seed and
// step, so a run that was stopped anywhere continues bit for bit from its last checkpoint.
#pragma once

#include <array>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "kilm/training/checkpoint.h"
#include "kilm/training/loss_spike.h"
#include "kilm/training/step_batch.h"
#include "optim/adamw.h"
#include "tensor/base/json.h"

namespace kilm::training {

// What a step said of its plain stream, which is a part of the rest.
constexpr objective::Group kPlainGroups[] = {objective::Group::copy,
                                             objective::Group::infill};  // plain text infilling has no knowledge

struct PlainReport {
  batching::GroupCounts tokens{};                       // of targets
  std::array<double, objective::kGroups> group_loss{};  // nats per token; nan where a group has no token
};

struct StepReport {
  int64_t step = 0;                                     // counted from 1
  double epoch = 0;                                     // passes over the data so far
  double loss = 0;                                      // what is minimised
  std::array<double, objective::kGroups> group_loss{};  // nats per token; nan where a group has no token
  double grad_norm = 0, learning_rate = 0;
  int64_t sequences = 0, tokens_source = 0, tokens_target = 0;
  double seconds = 0;
  std::optional<PlainReport> plain;  // where a plain ratio is set
  std::optional<Spike> spike;        // the loss leapt out of those before
  std::string skipped;               // why nothing was updated; empty if something was
};

double tokens_per_second(const StepReport& report);  // of source and target together
base::Json to_json(const StepReport& report);        // as log.jsonl holds it

// One optimizer step at a time over a model in memory; knows nothing of files.
class Trainer {
 public:
  // With config dtype "bf16" the model computes in that from then on; its master copy begins with the numbers as given.
  Trainer(const TrainConfig& config, bart::Bart& model, const objective::InfillObjective& objective,
          dataset::TrainingWindows windows, TrainState state = {});

  // Accumulates config.accumulate micro-batches, normalised once over the whole step, and updates. A step that is not
  // finite changes no weight, and its reason names the first op whose output or gradient is not: with config
  // on_nonfinite "skip" it is reported, and counts as a step though not as an update; the tenth in a row, and with
  // "stop" the first, throws NonFinite, and the state is then that before the step, too. `before_update` is called
  // while weights and moments are still those before the step; the report's seconds are without it.
  StepReport step(const std::function<void()>& before_update = [] {});

  int64_t total_steps() const { return total_steps_; }
  optim::FlatParameters& parameters() { return parameters_; }
  const TrainState& state() const { return state_; }
  TrainState& state() { return state_; }

 private:
  void run(const StepBatch& batch, StepReport& report);
  void run(const batching::MicroBatch& micro, uint32_t number, const std::array<double, objective::kGroups>& weight,
           StepReport& report);
  std::string explain_non_finite(const StepBatch& batch);

  const TrainConfig config_;
  bart::Bart& model_;
  StepLoader loader_;
  TrainState state_;
  int64_t total_steps_ = 0;
  optim::FlatParameters parameters_;
  optim::AdamW optimizer_;
};

struct Evaluation {
  std::vector<base::Json> lines;                          // of log.jsonl, each with "step" and "eval"
  double loss = std::numeric_limits<double>::infinity();  // the best checkpoint is the one where it is lowest
};
// Evaluates the model after `step` updates. Nothing if StopSignal was received before it was done: the resumed run then
// evaluates again.
using Evaluate = std::function<std::optional<Evaluation>(const bart::Bart& model,
                                                         const objective::InfillObjective& objective, int64_t step)>;

// A whole run in config.out, from its newest checkpoint or from config.model: resolved.json, log.jsonl, ckpt/, and
// lock, by which a second process is refused with UsageError, as is a tokenizer other than config.tokenizer. `windows`
// are the training data. Returns the exit code: 0, or 75 if a StopSignal ended it early.
int train(const TrainConfig& config, const dataset::TrainingWindows& windows, const Evaluate& evaluate);

}  // namespace kilm::training
