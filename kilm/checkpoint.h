// Checkpoints: one folder per step with everything that a run needs to continue bit for bit. A folder appears whole or
// not at all; `latest` and `best` name steps and move only after the new folder is durable; rotation comes last.
#pragma once

#include <optional>
#include <string>

#include "kilm/bart/folder.h"
#include "kilm/packing.h"
#include "optim/adamw.h"

namespace kilm {

struct TrainState {
  int64_t step = 0;  // finished updates
  Cursor cursor;     // the next window to be seen
  int64_t best_step = -1;
  double best_loss = 0;
};

class Checkpoints {
 public:
  // The folder RUN/ckpt, made if needed. Keeps `keep` checkpoints besides best and latest.
  Checkpoints(std::string run, int64_t keep);

  // Writes step-NNNNNNNN with model/, optim-rank0.safetensors, state.json and manifest.json, moves `latest` and, if
  // state.best_step is this step, `best`, then removes what is no longer kept. Throws OutOfMemory on a full disk and
  // leaves every earlier checkpoint as it was.
  void save(BartFolder& folder, const optim::FlatParameters& parameters, const TrainState& state);

  // The newest checkpoint whose manifest verifies; damaged ones are reported on standard error and passed over. Empty
  // if there is none.
  std::optional<std::string> newest() const;

 private:
  void rotate(const TrainState& state);

  std::string folder_;
  int64_t keep_;
};

TrainState read_train_state(const std::string& checkpoint);
// Fills m, v and the master copy. The model's own weights come from checkpoint/model.
void load_optimizer(const std::string& checkpoint, optim::FlatParameters& parameters);

std::string step_name(int64_t step);  // "step-00000500"

}  // namespace kilm
