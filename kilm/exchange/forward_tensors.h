// One forward and backward pass as named tensors, to compare with another implementation or to look at.
#pragma once

#include <string>
#include <vector>

#include "kilm/exchange/padded_batch.h"
#include "tensor/io/safetensors.h"

namespace kilm::exchange {

struct StepOptions {
  bool grads = false;
  std::string taps;  // a glob of module names, whose * matches dots too; empty: none
};

// Without dropout. logits [batch, target, vocabulary]; with labels token_loss [batch, target], 0 where a label is
// ignored, and loss [1], the mean over counted labels; grad.NAME for each parameter by its first name; tap.PATH
// [batch, source or target, d], the output of a module. Masked positions are 0 everywhere. Throws UsageError if grads
// are wanted without labels or a glob matches no module.
std::vector<tensor::NamedTensor> step_tensors(bart::Bart& model, const Batch& batch, const StepOptions& options);

}  // namespace kilm::exchange
