#include "kilm/objective/packing.h"

#include "kilm/draws.h"
#include "tensor/format.h"

namespace kilm {

MicroBatch MicroBatch::of(std::span<const Example> examples, const Tokenizer& tokenizer) {
  std::vector<std::vector<int32_t>> sources, inputs;
  std::vector<int32_t> labels;
  MicroBatch batch;
  for (const Example& example : examples) {
    sources.push_back(example.source);
    inputs.push_back(example.decoder_input(tokenizer));
    labels.insert(labels.end(), example.target.begin(), example.target.end());
    batch.groups.insert(batch.groups.end(), example.groups.begin(), example.groups.end());
  }
  batch.source = Packed::of(sources);
  batch.target = Packed::of(inputs);
  batch.labels = Tensor::from({int64_t(labels.size())}, labels);
  return batch;
}

void MicroBatch::count(GroupCounts& counts) const {
  for (Group group : groups) ++counts[size_t(group)];
}

Loader::Loader(WindowSet windows, const InfillObjective& objective, LoaderConfig config)
    : windows_(std::move(windows)), objective_(objective), config_(config) {
  tensor::check(windows_.count > 0, "training data: there are no windows");
}

Example Loader::make(const Cursor& cursor) const {
  const uint32_t epoch = uint32_t(cursor.epoch);
  const uint64_t id = permuted(uint64_t(cursor.index), uint64_t(windows_.count), config_.seed, epoch);
  const Window window = windows_.get(int64_t(id));
  const SampleId sample{config_.seed, uint32_t(id), epoch};
  std::optional<Mention> mention;
  if (config_.knowledge)
    if (const auto chosen = choose_mention(int64_t(window.mentions.size()), sample))
      mention = window.mentions[size_t(*chosen)];
  return objective_.make(window.text, mention, sample);
}

std::vector<Example> Loader::next(Cursor& cursor) const {
  std::vector<Example> examples;
  int64_t tokens = 0;
  while (true) {
    Example example = make(cursor);
    tokens += int64_t(example.source.size() + example.target.size());
    if (tokens > config_.batch_tokens && !examples.empty()) return examples;
    examples.push_back(std::move(example));
    if (++cursor.index == windows_.count) cursor = {cursor.epoch + 1, 0};
  }
}

}  // namespace kilm
