// Matrix products. An element of a result depends on its row of a and its column of b alone, bit by bit: the other rows
// of a batch and the number of threads change nothing. Sums are held in f32 (f64 for f64).
#pragma once

#include "tensor/target.h"

namespace tensor {

// c[..., m, n] = op(a) op(b), where op transposes the last two dimensions if asked to. a is [..., m, k] and b [..., k,
// n] after op; both have rank 2 to 4 and the same leading dimensions, or b has rank 2 and serves every matrix of an
// untransposed a. Views whose rows or columns are contiguous are not copied.
Tensor matmul(const Tensor& a, const Tensor& b, bool transpose_a = false, bool transpose_b = false);

// The same where c says, added to as a finished sum. c is [..., m, n], row-major or a view whose rows are further
// apart, all by the same distance, of the operands' dtype or of its acc dtype: a gradient of bf16 weights is added to
// f32 sums.
void matmul_into(Target c, const Tensor& a, const Tensor& b, bool transpose_a = false, bool transpose_b = false);

// y[..., o] = x[..., k] w[o, k]^T + bias[o]; an undefined bias is left out.
Tensor linear(const Tensor& x, const Tensor& w, const Tensor& bias = {});

// The same into y[..., o], row-major or a view whose rows are further apart, all by the same distance.
void linear_into(Tensor& y, const Tensor& x, const Tensor& w, const Tensor& bias = {});

}  // namespace tensor
