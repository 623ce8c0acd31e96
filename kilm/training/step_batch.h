// What one update of training is given: its micro-batches, and what each of their target tokens weighs in the loss.
// The trainer and everything that tells about its data read them here.
#pragma once

#include <memory>
#include <vector>

#include "kilm/batching/packing.h"
#include "kilm/training/train_config.h"
#include "tensor/runtime.h"

namespace kilm::training {

objective::InfillConfig infill_config(const TrainConfig& config);

struct StepBatch {
  std::vector<batching::MicroBatch> micros;
  batching::GroupCounts counts{};  // target tokens of each group in all of them
  // L = sum over groups of w_g S_g / N, or w_g S_g / N_g. Counts are of the whole step, so how it is cut into
  // micro-batches changes nothing (docs/objective.md, The loss).
  batching::GroupWeights weights{};
  batching::GroupCounts plain_counts{};          // of `counts`, those of the plain stream
  batching::Cursor end;                          // the next window to be seen
  double epoch = 0;                              // passes over the data, this batch among them
  std::shared_ptr<const tensor::Event> arrived;  // reached when all arrays are on their device; null: they are

  // Moves all micro-batches to the device, in this stream of it.
  void send(tensor::Device device, const tensor::Stream& stream);
};

// What the first examples of a run come to.
struct Sample {
  int64_t examples = 0, micros = 0, tokens_source = 0, tokens_target = 0;
};

// Updates of a run: config.steps, or those of config.epochs passes of `micros` micro-batches.
int64_t updates_of(double micros, const TrainConfig& config);

class StepLoader {
 public:
  // Makes batches that lie on `device`, and go there in a stream of their own, whoever calls next().
  StepLoader(const TrainConfig& config, const objective::InfillObjective& objective, dataset::TrainingWindows windows,
             tensor::Device device = {});

  StepBatch next(const batching::Cursor& begin) const;  // config.accumulate micro-batches
  Sample sample() const;                                // of the first 1000 examples or, if there are fewer, of a pass
  int64_t total_steps() const;                          // updates of a run, as the sample tells
  int64_t windows() const { return windows_; }
  // Counts the examples of a pass over the data: its windows, and those of the plain stream that are shown meanwhile.
  double examples() const { return double(windows_) / (1 - config_.plain_ratio); }

 private:
  const TrainConfig config_;
  const tokenizer::Tokenizer& tokenizer_;
  batching::Loader loader_;
  int64_t windows_;
  tensor::Device device_;
  tensor::Stream copies_;
};

}  // namespace kilm::training
