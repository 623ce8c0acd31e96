// What one step of training did.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "kilm/objective/infill.h"
#include "kilm/training/loss_spike.h"

namespace kilm::training {

// Plain text infilling has no knowledge.
constexpr objective::Group kPlainGroups[] = {objective::Group::copy, objective::Group::infill};

// What a step said of its plain stream, which is a part of the rest.
struct PlainReport {
  int64_t tokens = 0;                                   // of targets
  std::array<double, objective::kGroups> group_loss{};  // nats per token; nan where a group has no token
};

struct StepReport {
  int64_t step = 0;                                     // counted from 1
  double epoch = 0;                                     // passes over the data so far
  double loss = 0;                                      // what is minimised
  std::array<double, objective::kGroups> group_loss{};  // nats per token; nan where a group has no token
  double grad_norm = 0, learning_rate = 0;
  int64_t sequences = 0, tokens_source = 0, tokens_target = 0;
  double seconds = 0;                // without evaluation and saving
  std::optional<PlainReport> plain;  // where a plain ratio is set
  std::optional<Spike> spike;        // the loss leapt out of those before
  std::string skipped;               // why nothing was updated; empty if something was
};

// Counts source and target together.
inline double tokens_per_second(const StepReport& report) {
  return double(report.tokens_source + report.tokens_target) / std::max(report.seconds, 1e-9);
}

}  // namespace kilm::training
