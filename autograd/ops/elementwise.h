// Elementwise ops with their gradients. Names and arguments are those of tensor/ops/elementwise.
#pragma once

#include "autograd/variable.h"
#include "tensor/kernels.h"

namespace autograd {

// Works element by element. Shapes broadcast by NumPy's rule; a gradient is summed over what was repeated.
Variable add(const Variable& a, const Variable& b);
Variable sub(const Variable& a, const Variable& b);
Variable mul(const Variable& a, const Variable& b);
Variable div(const Variable& a, const Variable& b);

// Returns scale x + shift.
Variable affine(const Variable& x, double scale, double shift);
Variable scale(const Variable& x, double factor);

// Returns op(x), by the names of tensor::Unary.
Variable unary(tensor::Unary op, const Variable& x);

// Draws what to drop from the random stream where p > 0. x[..., d], bias[d] -> [..., d]
Variable dropout(const Variable& x, float p);
Variable bias_activation_dropout(tensor::Unary op, const Variable& x, const Variable& bias, float p);

}  // namespace autograd
