// Differentiable layer norm; shapes and formulas are those of tensor/ops/norm.h.
#pragma once

#include "autograd/variable.h"

namespace autograd {

// x[..., d], w[d], b[d] -> [..., d]
Variable layer_norm(const Variable& x, const Variable& w, const Variable& b, double eps);

// layer_norm(residual + dropout(x)); x[..., d], residual[..., d], w[d], b[d] -> [..., d]. Draws from the random stream
// where p > 0.
Variable dropout_add_layer_norm(const Variable& x, const Variable& residual, const Variable& w, const Variable& b,
                                double eps, float p);

}  // namespace autograd
