// Reductions of tensors. Sums are held in f32 (f64 for f64) and do not depend on the number of threads.
#pragma once

#include "tensor/target.h"

namespace tensor {

Tensor sum(const Tensor& x);                                 // x of any shape -> a scalar []
Tensor sum(const Tensor& x, int dim, bool keepdim = false);  // x[a, n, b] -> [a, b], or [a, 1, b]
Tensor mean(const Tensor& x);                                // nan where x is empty
Tensor mean(const Tensor& x, int dim, bool keepdim = false);

struct MaxResult {
  Tensor values;   // x without `dim`, or with it as 1
  Tensor indices;  // i32, of the first maximum
};
MaxResult max(const Tensor& x, int dim, bool keepdim = false);  // the dimension should not be empty

Tensor square_norm(const Tensor& x);  // [1] f64: the sum of squares
Tensor all_finite(const Tensor& x);   // [1] u8: 1 if no element is inf or nan

// Returns the sum of x over the dimensions that broadcasting `shape` to x's shape would have repeated: the backward of
// broadcasting. It is x itself if the shapes are equal.
Tensor sum_to(const Tensor& x, const Shape& shape);

// Writes y[d] = the sum of the rows of x[..., d]: the gradient of a bias. y may be f32 where x is bf16.
void sum_rows_into(Target y, const Tensor& x);

}  // namespace tensor
