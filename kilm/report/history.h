// What a run has logged: its steps and evaluations, read from log.jsonl.
#pragma once

#include <string>
#include <vector>

#include "kilm/evaluation/evaluate.h"
#include "kilm/training/trainer.h"

namespace kilm::report {

struct LoggedStep {
  training::StepReport report;  // without what a spike leapt out of, and without the tokens of the plain stream
  bool spike = false;
};

struct LoggedEvaluation {
  int64_t step = 0;
  std::string split;
  evaluation::Score score;
};

struct History {
  std::vector<LoggedStep> steps;              // ascending
  std::vector<LoggedEvaluation> evaluations;  // in the order of the log
};

// Text behind the last newline is what a run is writing, or what was cut off, and is left out. Throws DamagedInput
// naming file and line, and UsageError if there is no step.
History read_history(const std::string& path);

}  // namespace kilm::report
