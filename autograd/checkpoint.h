// Activation recomputation (Chen et al. 2016) without a nested backward: the function is recorded as usual, but the
// tensors its nodes save are dropped. The first node whose backward asks for one runs the function a second time,
// from the same random position, and all of them come back. The graph stays whole, so tied weights, ready hooks and
// the order of sums are exactly those of a run without recomputation.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "autograd/variable.h"

namespace autograd {

// Runs f, which must be a pure function of its inputs, the parameters it captures and the random stream. Throws Error
// from backward if the second run differs from the first, or if an input or a saved parameter was written to in
// between.
Variable checkpoint(const std::function<Variable(std::span<const Variable>)>& f, std::vector<Variable> inputs);

// Tells whether this thread is in such a second run: what is seen there was seen before.
bool recomputing();

}  // namespace autograd
