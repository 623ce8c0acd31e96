// Differentiable reductions; shapes and rules are those of tensor/ops/reduce.h.
#pragma once

#include "autograd/variable.h"

namespace autograd {

Variable sum(const Variable& x);                                 // x of any shape -> a scalar []
Variable sum(const Variable& x, int dim, bool keepdim = false);  // x[a, n, b] -> [a, b], or [a, 1, b]
Variable mean(const Variable& x);
Variable mean(const Variable& x, int dim, bool keepdim = false);

struct MaxResult {
  Variable values;  // x without `dim`, or with it as 1; the gradient goes to the first maximum
  Tensor indices;   // i32
};
MaxResult max(const Variable& x, int dim, bool keepdim = false);

}  // namespace autograd
