// What the ops of a step of training read, write and multiply: the bytes and FLOPs that they report to a trace,
// computed from sizes without running anything.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kilm/bart/config.h"
#include "tensor/dtype.h"

namespace kilm::training {

// Micro-batches of equally long sequences, and one update.
struct StepShape {
  int64_t sequences = 0;      // of a micro-batch
  int64_t source = 0;         // tokens of each source
  int64_t target = 0;         // and of each target
  int64_t micros = 1;         // micro-batches of the update
  int64_t logit_rows = 8192;  // rows of logits that are there at once
  tensor::DType dtype = tensor::DType::bf16;
};

// Calls of an op with operands of one size.
struct OpCost {
  std::string op;  // as in a trace
  int64_t calls = 0;
  double bytes = 0;  // of one call, as for tensor::Trace
  double flops = 0;  // of one call
};

// Returns ops in the order of their first calls in forward, loss, backward and update, with dropout and without
// recomputation. The sums of losses by group, a number per token, are left out.
std::vector<OpCost> step_cost(const bart::BartConfig& config, const StepShape& shape);

}  // namespace kilm::training
