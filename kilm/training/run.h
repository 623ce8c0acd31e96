// A whole run on disk: what stands around the trainer's steps. Everything random is a function of seed and step, so a
// run that was stopped anywhere continues bit for bit from its last checkpoint.
#pragma once

#include "kilm/dataset/window.h"
#include "kilm/training/run_evaluation.h"
#include "kilm/training/task.h"
#include "kilm/training/train_config.h"

namespace kilm::training {

// Trains in config.out, from its newest checkpoint or from config.model. It writes resolved.json, which is `resolved`,
// log.jsonl, ckpt/ and lock. UsageError refuses a second process there. Returns the exit code: 0, or 75 if a StopSignal
// ended it early.
int train(const TrainConfig& config, const base::Json& resolved, const MakeTask& make);

// Does so for the InfillTask of these windows, the training data.
int train(const TrainConfig& config, const dataset::TrainingWindows& windows, const Evaluate& evaluate);

}  // namespace kilm::training
