// Differentiable matrix products; see tensor/ops/matmul.h for shapes. Gradients of parameters are summed by the product
// itself straight into the parameter's gradient buffer.
#pragma once

#include "autograd/variable.h"

namespace autograd {

// Returns c[..., m, n] = op(a) op(b).
Variable matmul(const Variable& a, const Variable& b, bool transpose_a = false, bool transpose_b = false);

// Returns y[..., o] = x[..., k] w[o, k]^T + bias[o]; an undefined bias is left out.
Variable linear(const Variable& x, const Variable& w, const Variable& bias = {});

}  // namespace autograd
