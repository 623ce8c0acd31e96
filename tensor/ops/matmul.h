// Matrix products. An element of a result depends on its row of a and its column of b alone, bit by bit. The other rows
// of a batch and the number of threads change nothing. Sums are held in f32 (f64 for f64).
#pragma once

#include "tensor/target.h"

namespace tensor {

// Returns c[..., m, n] = op(a) op(b), where op transposes the last two dimensions if asked to. After op a is [..., m,
// k] and b is [..., k, n]. Both have rank 2 to 4 and the same leading dimensions, or b has rank 2 and serves every
// matrix of an untransposed a. Views whose rows or columns are contiguous are not copied.
Tensor matmul(const Tensor& a, const Tensor& b, bool transpose_a = false, bool transpose_b = false);

// Writes the same to c, or adds it there as a finished sum. c is [..., m, n], row-major or a view whose rows are
// further apart, all by the same distance. It has the operands' dtype or its acc dtype: a gradient of bf16 weights is
// added to f32 sums.
void matmul_into(Target c, const Tensor& a, const Tensor& b, bool transpose_a = false, bool transpose_b = false);

// Returns y[..., o] = x[..., k] w[o, k]^T + bias[o]; an undefined bias is left out.
Tensor linear(const Tensor& x, const Tensor& w, const Tensor& bias = {});

// Writes the same into y[..., o], row-major or a view whose rows are further apart, all by the same distance.
void linear_into(Tensor& y, const Tensor& x, const Tensor& w, const Tensor& bias = {});

}  // namespace tensor
