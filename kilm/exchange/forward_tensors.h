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

// Runs the model without dropout. Returns logits [batch, target, vocabulary]; tap.PATH [batch, source or target, d] is
// the output of a module. With labels there is token_loss [batch, target], 0 where a label is ignored, and loss [1],
// the mean over counted labels. grad.NAME is there for each parameter, by its first name. Masked positions are 0
// everywhere. Throws UsageError if grads are wanted without labels or a glob matches no module.
std::vector<tensor::NamedTensor> step_tensors(bart::Bart& model, const Batch& batch, const StepOptions& options);

}  // namespace kilm::exchange
