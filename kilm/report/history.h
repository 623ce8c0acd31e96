// The course of a run as its log tells it: its steps and evaluations apart.
#pragma once

#include <string>
#include <vector>

#include "kilm/training/run_log.h"

namespace kilm::report {

struct History {
  std::vector<training::StepReport> steps;              // ascending
  std::vector<training::EvaluationRecord> evaluations;  // in the order of the log
  std::vector<training::ExamplesRecord> examples;       // evaluations of a run that fine-tunes, in the same order
};

// Reads the log.jsonl at `path`. Throws what training::read_run_log throws, and UsageError if there is no step.
History read_history(const std::string& path);

}  // namespace kilm::report
