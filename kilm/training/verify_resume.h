// Proves, on this machine and with these data and settings, that stopping and resuming changes no bit of a run.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>

#include "kilm/training/run_evaluation.h"
#include "kilm/training/task.h"

namespace kilm::training {

// A run that was stopped once and resumed.
struct ResumeTrial {
  bool asked = false;                     // to stop, as SIGTERM does; else cut off, as SIGKILL does: nothing is saved
  bool in_evaluation = false;             // in the middle of one; else while a step reads its data
  int64_t after = 0;                      // steps in its log then
  int64_t resumed_from = 0;               // the step of the checkpoint with which it went on; 0: none
  std::array<int64_t, 2> threads{};       // before and after
  std::optional<std::string> difference;  // of its result from that of the run that was not stopped
};

base::Json to_json(const ResumeTrial& stop);

// Where a run can be stopped. It calls `read` whenever a step reads its data, and asks `batch` at each batch of an
// evaluation whether to give that up; `given_up` is called when such an evaluation has returned. What one of them
// throws ends the run as SIGKILL would.
struct StopHooks {
  std::function<void()> read;
  std::function<bool()> batch;
  std::function<void()> given_up;
};
// Trains in config.out with these hooks. Returns the exit code.
using TrainWithHooks = std::function<int(const TrainConfig& config, const StopHooks& hooks)>;
// Makes the same tasks, which call the hooks.
MakeTask with_hooks(const MakeTask& make, const StopHooks& hooks);

// Trains in folders below `folder`, first undisturbed, then once for each of `stops`, at places drawn with config.seed,
// and calls `each` after it. Uses config.threads threads, or all, and one. Returns the exit code: 0, 1 if a result
// differs, or 75 if a StopSignal came.
int verify_resume(TrainConfig config, const std::string& folder, const TrainWithHooks& train, int64_t stops,
                  const std::function<void(const ResumeTrial&)>& each);
// Does so for the InfillTask of these windows.
int verify_resume(TrainConfig config, const std::string& folder, const dataset::TrainingWindows& windows,
                  const Evaluate& evaluate, int64_t stops, const std::function<void(const ResumeTrial&)>& each);

}  // namespace kilm::training
