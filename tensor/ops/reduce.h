// Reductions of tensors. Sums are held in f32 (f64 for f64) and do not depend on the number of threads.
#pragma once

#include "tensor/kernels.h"
#include "tensor/tensor.h"

namespace tensor {

Tensor sum(const Tensor& x);                                 // x of any shape -> a scalar []
Tensor sum(const Tensor& x, int dim, bool keepdim = false);  // x[a, n, b] -> [a, b], or [a, 1, b]
Tensor mean(const Tensor& x);                                // nan where x is empty
Tensor mean(const Tensor& x, int dim, bool keepdim = false);

// The sum of x over the dimensions that broadcasting `shape` to x's shape would have repeated: the backward of
// broadcasting. x itself if the shapes are equal.
Tensor sum_to(const Tensor& x, const Shape& shape);

// y[d] = the sum of the rows of x[..., d], or += it: the gradient of a bias. y may be f32 where x is bf16.
void sum_rows_into(Tensor& y, const Tensor& x, bool accumulate);

}  // namespace tensor
