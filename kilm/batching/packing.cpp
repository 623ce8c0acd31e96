#include "kilm/batching/packing.h"

#include <algorithm>

#include "kilm/objective/draws.h"
#include "tensor/base/format.h"

namespace kilm::batching {

namespace {

using Side = std::vector<std::vector<int32_t>>;  // sequences of the source, or of the target

int64_t rounded_up(int64_t n, int64_t to) { return (n + to - 1) / to * to; }

// Appends sequences of padding up to a multiple of kClosedRows. None is longer than a tile of attention, since shorter
// ones cost less. Nor is one longer than the longest that is there, since a model has so many positions.
void close_rows(Side& side, int32_t pad) {
  int64_t rows = 0, longest = 0;
  for (const std::vector<int32_t>& sequence : side) {
    rows += int64_t(sequence.size());
    longest = std::max(longest, int64_t(sequence.size()));
  }
  const int64_t most = std::clamp<int64_t>(longest, 1, tensor::Sequences::kTileRows);
  for (int64_t missing = rounded_up(rows, kClosedRows) - rows; missing > 0; missing -= most)
    side.emplace_back(std::min(missing, most), pad);
}

// Closes both sides. They get the same number of sequences; those that are still missing are empty.
void close_sides(Side& source, Side& target, int32_t pad) {
  close_rows(source, pad);
  close_rows(target, pad);
  const int64_t count = rounded_up(int64_t(std::max(source.size(), target.size())), kClosedSequences);
  source.resize(size_t(count));
  target.resize(size_t(count));
}

}  // namespace

MicroBatch MicroBatch::pack(Side sources, Side targets, int32_t pad, tensor::Device device) {
  MicroBatch batch{.sequences = int64_t(sources.size())};
  for (const std::vector<int32_t>& source : sources) batch.tokens_source += int64_t(source.size());
  if (device.type == tensor::DeviceType::cuda) close_sides(sources, targets, pad);
  batch.source = bart::Packed::of(sources);
  batch.target = bart::Packed::of(targets);
  return batch;
}

MicroBatch MicroBatch::of(std::span<const objective::Example> examples, const tokenizer::Tokenizer& tokenizer,
                          tensor::Device device) {
  Side sources, inputs;
  for (const objective::Example& example : examples) {
    sources.push_back(example.source);
    inputs.push_back(example.decoder_input(tokenizer));
  }
  MicroBatch batch = pack(std::move(sources), std::move(inputs), tokenizer.pad(), device);
  std::vector<int32_t> labels;
  for (const objective::Example& example : examples) {
    labels.insert(labels.end(), example.target.begin(), example.target.end());
    batch.groups.insert(batch.groups.end(), example.groups.begin(), example.groups.end());
    batch.plain.resize(batch.groups.size(), example.plain);
  }
  batch.tokens_target = int64_t(batch.groups.size());
  const size_t rows = size_t(batch.target.tokens());
  std::vector<int32_t> groups(rows, -1), plain(rows, -1);
  for (size_t i = 0; i < batch.groups.size(); ++i) {
    groups[i] = int32_t(batch.groups[i]);
    if (batch.plain[i]) plain[i] = groups[i];
  }
  labels.resize(rows, -1);
  batch.labels = tensor::Ids::from(labels);
  batch.group_ids = tensor::Ids::from(groups);
  batch.plain_ids = tensor::Ids::from(plain);
  return batch;
}

namespace {

// Arrays beside both sides; one that a task does not need is undefined.
constexpr tensor::Ids MicroBatch::*kIds[] = {&MicroBatch::labels, &MicroBatch::group_ids, &MicroBatch::plain_ids};
constexpr tensor::Ids MicroBatch::*kLookedUp[] = {&MicroBatch::rows, &MicroBatch::smoothed};  // with their order
constexpr tensor::Tensor MicroBatch::*kNumbers[] = {&MicroBatch::weights, &MicroBatch::numbers};

// Returns every array of the micro-batch, in the order in which `take` finds them.
std::vector<tensor::Tensor> arrays_of(const MicroBatch& batch) {
  std::vector<tensor::Tensor> all;
  for (const bart::Packed* side : {&batch.source, &batch.target})
    all.insert(all.end(), {side->ids.tensor(), side->ids.order(), side->positions.tensor(), side->positions.order(),
                           side->sequences.tensor(), side->sequences.tiles()});
  for (tensor::Ids MicroBatch::*ids : kIds)
    if ((batch.*ids).defined()) all.push_back((batch.*ids).tensor());
  for (tensor::Ids MicroBatch::*ids : kLookedUp)
    if ((batch.*ids).defined()) all.insert(all.end(), {(batch.*ids).tensor(), (batch.*ids).order()});
  for (tensor::Tensor MicroBatch::*numbers : kNumbers)
    if ((batch.*numbers).defined()) all.push_back(batch.*numbers);
  return all;
}

void take(MicroBatch& batch, tensor::Parcel arrays) {
  auto next = arrays.tensors().begin();
  for (bart::Packed* side : {&batch.source, &batch.target}) {
    side->ids = side->ids.at(next[0], next[1]);
    side->positions = side->positions.at(next[2], next[3]);
    side->sequences = side->sequences.at(next[4], next[5]);
    next += 6;
  }
  for (tensor::Ids MicroBatch::*ids : kIds)
    if ((batch.*ids).defined()) batch.*ids = (batch.*ids).at(*next++);
  for (tensor::Ids MicroBatch::*ids : kLookedUp)
    if ((batch.*ids).defined()) {
      batch.*ids = (batch.*ids).at(next[0], next[1]);
      next += 2;
    }
  for (tensor::Tensor MicroBatch::*numbers : kNumbers)
    if ((batch.*numbers).defined()) batch.*numbers = *next++;
  batch.arrays = std::move(arrays);
}

}  // namespace

void MicroBatch::move_to(tensor::Device device) {
  if (device != tensor::Device{}) take(*this, tensor::Parcel(arrays_of(*this), device));
}

MicroBatch MicroBatch::clone() const {
  MicroBatch copy = *this;
  take(copy, arrays.clone());
  return copy;
}

void MicroBatch::count(GroupCounts& counts) const {
  for (objective::Group group : groups) ++counts[size_t(group)];
}

void MicroBatch::weigh(const GroupWeights& of_group) {
  std::vector<float> of_row(size_t(target.tokens()), 0);
  for (size_t i = 0; i < groups.size(); ++i) of_row[i] = float(of_group[size_t(groups[i])]);
  weights = tensor::Tensor::from({target.tokens()}, of_row);
}

Loader::Loader(dataset::TrainingWindows windows, const objective::InfillObjective& objective, LoaderConfig config)
    : windows_(std::move(windows)), objective_(objective), config_(config) {
  base::check(windows_.knowledge.count > 0, "training data: there are no windows");
  base::check(config.plain_ratio == 0 || windows_.plain.count > 0, "plain data: there are no windows");
}

// Draws for every window that was or will be shown.
bool Loader::is_plain(const Cursor& cursor) const {
  if (config_.plain_ratio == 0) return false;
  const uint64_t shown = uint64_t(cursor.epoch * windows_.knowledge.count + cursor.index + cursor.plain);
  return objective::Draws(config_.seed, objective::Purpose::stream, uint32_t(shown), uint32_t(shown >> 32)).unit() <
         config_.plain_ratio;
}

objective::Example Loader::make(const Cursor& cursor) const {
  if (is_plain(cursor)) return make_plain(cursor.plain);
  const uint32_t epoch = uint32_t(cursor.epoch);
  const uint64_t id =
      objective::permuted(uint64_t(cursor.index), uint64_t(windows_.knowledge.count), config_.seed, epoch);
  const dataset::Window window = windows_.knowledge.get(int64_t(id));
  const objective::SampleId sample{config_.seed, uint32_t(id), epoch};
  return objective_.make(
      window.text, config_.knowledge ? objective_.choose(window.mentions, sample) : std::vector<dataset::Mention>(),
      sample);
}

// Makes an example of the plain stream. Its epochs are numbered from where no other's are, so that order and masks are
// its own.
objective::Example Loader::make_plain(int64_t number) const {
  constexpr uint32_t kFirstEpoch = uint32_t(1) << 31;
  const int64_t count = windows_.plain.count;
  const uint32_t epoch = kFirstEpoch + uint32_t(number / count);
  const uint64_t id = objective::permuted(uint64_t(number % count), uint64_t(count), config_.seed, epoch);
  objective::Example example =
      objective_.make(windows_.plain.get(int64_t(id)).text, {}, {config_.seed, uint32_t(id), epoch});
  example.plain = true;
  return example;
}

void Loader::advance(Cursor& cursor) const {
  if (is_plain(cursor))
    ++cursor.plain;
  else if (++cursor.index == windows_.knowledge.count)
    cursor = {cursor.epoch + 1, 0, cursor.plain};
}

std::vector<objective::Example> Loader::next(Cursor& cursor) const {
  std::vector<objective::Example> examples;
  int64_t tokens = 0;
  while (true) {
    objective::Example example = make(cursor);
    tokens += int64_t(example.source.size() + example.target.size());
    if (tokens > config_.batch_tokens && !examples.empty()) return examples;
    examples.push_back(std::move(example));
    advance(cursor);
  }
}

}  // namespace kilm::batching
