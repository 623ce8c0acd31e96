// Checkpoints: one folder per step with everything that a run needs to continue bit for bit. A folder appears whole or
// not at all; `latest` and `best` name steps and move only after the new folder is durable; rotation comes last.
#pragma once

#include <limits>
#include <optional>
#include <string>

#include "kilm/bart/folder.h"
#include "kilm/batching/packing.h"
#include "optim/adamw.h"

namespace kilm::training {

struct TrainState {
  int64_t step = 0;                           // finished steps
  batching::Cursor cursor;                    // the next window to be seen
  int64_t windows = 0;                        // of the training data
  int64_t plain_windows = 0;                  // of the plain stream's data; 0: there is no such stream
  int64_t skipped = 0, skipped_in_a_row = 0;  // of the finished steps, those that were not finite; the latest of them
  int64_t evaluated = 0;                      // the last step that was evaluated
  int64_t stale = 0;                          // evaluations since the best one
  int64_t best_step = -1;
  double best_loss = std::numeric_limits<double>::infinity();
  bool operator==(const TrainState&) const = default;
};

// RUN/ckpt, made if needed; what killed processes left unfinished in it is removed.
class Checkpoints {
 public:
  // Keeps `keep` checkpoints besides best and latest.
  Checkpoints(std::string run, int64_t keep);

  // Writes step-NNNNNNNN with model/, optim-rank0.safetensors, state.json and manifest.json. Throws OutOfMemory on a
  // full disk and leaves every earlier checkpoint as it was.
  void write(bart::BartFolder& folder, const optim::FlatParameters& parameters, const TrainState& state);
  // Lets `latest` and `best` name the checkpoints of state.step and state.best_step, which must be there, and removes
  // older ones that are no longer kept.
  void refer(const TrainState& state);

  // Returns the newest checkpoint whose manifest verifies; damaged ones are reported on standard error and passed over.
  // Empty if there is none.
  std::optional<std::string> newest() const;

 private:
  std::string run_, folder_;
  int64_t keep_;
};

// Reads the state. A best checkpoint that is no longer beside this one counts as none. Throws DamagedInput naming the
// file.
TrainState read_train_state(const std::string& checkpoint);
// Fills m, v and the master copy. The model's own weights come from checkpoint/model.
void load_optimizer(const std::string& checkpoint, optim::FlatParameters& parameters);

// Returns the newest checkpoint of a run as Checkpoints::newest does, and changes nothing in its folder.
std::optional<std::string> newest_whole(const std::string& run);
// Returns the newest checkpoint of a run from which `step` is still to come; nothing of it is verified. Empty if there
// is none.
std::optional<std::string> checkpoint_before(const std::string& run, int64_t step);

std::string step_name(int64_t step);  // "step-00000500"

}  // namespace kilm::training
