// Differentiable views and casts: the members of Tensor of the same names.
#pragma once

#include <span>

#include "autograd/variable.h"

namespace autograd {

Variable reshape(const Variable& x, const Shape& shape);  // one size may be -1
Variable transpose(const Variable& x, int a, int b);
Variable narrow(const Variable& x, int dim, int64_t start, int64_t length);
Variable select(const Variable& x, int dim, int64_t index);
Variable expand(const Variable& x, const Shape& shape);
Variable cast(const Variable& x, DType dtype);

// Copies them one after another along `dim`; all other sizes and the dtype should be the same.
Variable concat(std::span<const Variable> parts, int dim);

}  // namespace autograd
