#include "kilm/training/step_batch.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace kilm::training {

namespace {

constexpr int64_t kSampled = 1000;

batching::GroupWeights weights_of(const batching::GroupCounts& counts, const TrainConfig& config) {
  const int64_t all = std::accumulate(counts.begin(), counts.end(), int64_t(0));
  batching::GroupWeights weights = {config.weight_copy, config.weight_infill, config.weight_knowledge};
  for (size_t g = 0; g < objective::kGroups; ++g)
    weights[g] /= double(std::max<int64_t>(1, config.normalize == Normalize::groups ? counts[g] : all));
  return weights;
}

void count_plain(const batching::MicroBatch& micro, batching::GroupCounts& counts) {
  for (size_t i = 0; i < micro.groups.size(); ++i) counts[size_t(micro.groups[i])] += micro.plain[i];
}

}  // namespace

objective::InfillConfig infill_config(const TrainConfig& config) {
  return {.mask_rate = config.mask_rate,
          .lambda = config.lambda,
          .mask_mention = config.mask_mention,
          .insert_masks = config.insert_masks,
          .permute_sentences = config.permute_sentences,
          .mentions = config.mentions_per_window,
          .knowledge_side = config.knowledge_side,
          .max_length = config.max_length};
}

void StepBatch::send(tensor::Device device, const tensor::Stream& stream) {
  if (device == tensor::Device{}) return;
  const tensor::StreamGuard guard(device, stream.id());
  for (batching::MicroBatch& micro : micros) micro.move_to(device);
  arrived = std::make_shared<tensor::Event>(device);
}

StepLoader::StepLoader(const TrainConfig& config, const objective::InfillObjective& objective,
                       dataset::TrainingWindows windows, tensor::Device device)
    : config_(config),
      tokenizer_(objective.tokenizer()),
      loader_(windows, objective, {uint64_t(config.seed), config.batch_tokens, config.knowledge, config.plain_ratio}),
      windows_(windows.knowledge.count),
      device_(device),
      copies_(device) {}

StepBatch StepLoader::next(const batching::Cursor& begin) const {
  StepBatch batch{.end = begin};
  for (int64_t i = 0; i < config_.accumulate; ++i) {
    batch.micros.push_back(batching::MicroBatch::of(loader_.next(batch.end), tokenizer_, device_));
    batch.micros.back().count(batch.counts);
    count_plain(batch.micros.back(), batch.plain_counts);
  }
  batch.weights = weights_of(batch.counts, config_);
  for (batching::MicroBatch& micro : batch.micros) micro.weigh(batch.weights);
  batch.send(device_, copies_);
  batch.epoch = double(batch.end.epoch) + double(batch.end.index) / double(windows_);
  return batch;
}

Sample StepLoader::sample() const {
  Sample sample;
  for (batching::Cursor cursor; cursor.epoch == 0 && sample.examples < kSampled; ++sample.micros) {
    for (const objective::Example& example : loader_.next(cursor)) {
      ++sample.examples;
      sample.tokens_source += int64_t(example.source.size());
      sample.tokens_target += int64_t(example.target.size());
    }
  }
  return sample;
}

int64_t updates_of(double micros, const TrainConfig& config) {
  if (config.steps > 0) return config.steps;
  return std::max<int64_t>(1, std::llround(micros * double(config.epochs) / double(config.accumulate)));
}

int64_t StepLoader::total_steps() const {
  if (config_.steps > 0) return config_.steps;
  const Sample first = sample();
  return updates_of(double(first.micros) / double(first.examples) * examples(), config_);
}

}  // namespace kilm::training
