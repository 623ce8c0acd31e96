// Packed micro-batches: whole examples one after another up to a budget of tokens, so that no position is padding.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "kilm/bart/model.h"
#include "kilm/dataset/window.h"
#include "kilm/objective/infill.h"
#include "tensor/ids.h"

namespace kilm::batching {

using GroupCounts = std::array<int64_t, objective::kGroups>;

struct MicroBatch {
  bart::Packed source;                   // encoder input
  bart::Packed target;                   // decoder input: </s> and the target without its last token
  tensor::Ids labels;                    // [t]: the target
  std::vector<objective::Group> groups;  // [t]
  std::vector<bool> plain;               // [t]: whether it is of the plain stream
  tensor::Ids group_ids;                 // [t]: `groups`, where their losses are
  tensor::Ids plain_ids;                 // [t]: the same of the plain stream, -1 elsewhere

  static MicroBatch of(std::span<const objective::Example> examples, const tokenizer::Tokenizer& tokenizer,
                       tensor::Device device = {});
  void count(GroupCounts& counts) const;  // adds the target tokens of each group
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
