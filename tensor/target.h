// Where a result goes: into a tensor, which it overwrites or is added to. One value takes it from the engine, which
// knows whether a gradient is the first, down to the kernel, which writes.
#pragma once

#include "tensor/tensor.h"

namespace tensor {

// A default one has no tensor: the result is not wanted.
struct Target {
  Tensor tensor;
  bool accumulate = false;  // tensor += result, and not tensor = result

  bool wanted() const { return tensor.defined(); }
};

}  // namespace tensor
