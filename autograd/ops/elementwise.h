// Elementwise ops with their gradients. Names and arguments are those of tensor/ops/elementwise.
#pragma once

#include "autograd/variable.h"
#include "tensor/kernels.h"

namespace autograd {

// Shapes broadcast by NumPy's rule; a gradient is summed over what was repeated.
Variable add(const Variable& a, const Variable& b);
Variable sub(const Variable& a, const Variable& b);
Variable mul(const Variable& a, const Variable& b);
Variable div(const Variable& a, const Variable& b);

}  // namespace autograd
