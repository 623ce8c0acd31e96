// Packed micro-batches: whole examples one after another up to a budget of tokens, so that no position is padding. On
// cuda both sides are closed: sequences of padding, which weigh nothing, fill them up to a multiple of kClosedRows
// rows. So there are few sizes, and what was chosen or recorded for one of them serves many micro-batches.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "kilm/bart/model.h"
#include "kilm/dataset/window.h"
#include "kilm/objective/infill.h"
#include "tensor/ids.h"
#include "tensor/parcel.h"

namespace kilm::batching {

using GroupCounts = std::array<int64_t, objective::kGroups>;
using GroupWeights = std::array<double, objective::kGroups>;

inline constexpr int64_t kClosedRows = 256;
inline constexpr int64_t kClosedSequences = 16;  // a closed side has a multiple of these

// t are the rows of the target, of which the first tokens_target are of the examples. The others close it.
struct MicroBatch {
  bart::Packed source;     // encoder input
  bart::Packed target;     // decoder input: </s> and the target without its last token
  tensor::Ids labels;      // [t], with a head [n]: the target, -1 in rows that close
  tensor::Ids group_ids;   // [t]: `groups`, where their losses are, -1 in rows that close
  tensor::Ids plain_ids;   // [t]: the same of the plain stream, -1 elsewhere
  tensor::Tensor weights;  // [t] f32: what each row weighs in the loss, 0 in rows that close; undefined before weigh()

  // Of tasks other than infilling, which leave out what they do not need; all else is undefined. A head reads one row
  // of each sequence, so labels and weights are [n] there.
  tensor::Ids rows;        // [n]: those rows of the target; 0 for sequences that close
  tensor::Tensor numbers;  // [n] f32: what a regression should say
  tensor::Ids smoothed;    // the labels, with 0 for -1: where label smoothing looks up the row of a label

  tensor::Parcel arrays;  // all of these once they lie on a device

  // Of the examples alone, on the host.
  int64_t sequences = 0, tokens_source = 0, tokens_target = 0;
  std::vector<objective::Group> groups;  // [tokens_target]
  std::vector<bool> plain;               // [tokens_target]: whether it is of the plain stream

  // Packs sequences, and closes both sides where `device` is one of cuda. Sets nothing but source, target, sequences
  // and tokens_source, which counts the given ones.
  static MicroBatch pack(std::vector<std::vector<int32_t>> sources, std::vector<std::vector<int32_t>> targets,
                         int32_t pad, tensor::Device device = {});
  // Packs examples. The batch is closed where `device` is one of cuda. The arrays lie on the host until move_to.
  static MicroBatch of(std::span<const objective::Example> examples, const tokenizer::Tokenizer& tokenizer,
                       tensor::Device device = {});
  // Moves all arrays to the device by one copy in its current stream, and what kernels there would have to make of
  // them: the order of ids, the tiles of attention. The host waits for nothing. On the CPU nothing moves.
  void move_to(tensor::Device device);
  MicroBatch clone() const;                  // of one that lies on a device: its arrays in memory of its own
  void count(GroupCounts& counts) const;     // adds the target tokens of each group
  void weigh(const GroupWeights& of_group);  // sets what a token of each group weighs; before move_to
};

// The place in the endless sequence of training windows. Window `index` of the permutation of `epoch` is the next with
// knowledge, and `plain` windows of the plain stream were shown.
struct Cursor {
  int64_t epoch = 0, index = 0;
  int64_t plain = 0;
  bool operator==(const Cursor&) const = default;
};

struct LoaderConfig {
  uint64_t seed = 42;
  int64_t batch_tokens = 8192;  // source and target positions of a micro-batch; one window at least
  bool knowledge = true;        // off: plain text infilling
  double plain_ratio = 0;       // share of windows that come from the plain stream
};

// Turns windows into micro-batches. Each window is drawn from the plain stream with probability plain_ratio: plain text
// infilling of windows in an order of its own. What comes next depends on the cursor alone, so a resumed run continues
// with the very next window at no cost.
class Loader {
 public:
  Loader(dataset::TrainingWindows windows, const objective::InfillObjective& objective, LoaderConfig config);

  // Returns the next examples that fit the budget, at least one, and moves the cursor behind them.
  std::vector<objective::Example> next(Cursor& cursor) const;

 private:
  bool is_plain(const Cursor& cursor) const;
  objective::Example make(const Cursor& cursor) const;
  objective::Example make_plain(int64_t number) const;
  void advance(Cursor& cursor) const;

  dataset::TrainingWindows windows_;
  const objective::InfillObjective& objective_;
  LoaderConfig config_;
};

}  // namespace kilm::batching
