// Elementwise operations on tensors. Shapes broadcast by NumPy's rule where two operands meet; results are new,
// row-major and of the operands' dtype. Functions that end in an underscore write into their first argument.
#pragma once

#include "tensor/kernels.h"
#include "tensor/tensor.h"

namespace tensor {

// y = a op b with shape broadcast(a, b); one dtype of f32, f64, bf16.
Tensor binary(Binary op, const Tensor& a, const Tensor& b);
inline Tensor add(const Tensor& a, const Tensor& b) { return binary(Binary::add, a, b); }
inline Tensor sub(const Tensor& a, const Tensor& b) { return binary(Binary::sub, a, b); }
inline Tensor mul(const Tensor& a, const Tensor& b) { return binary(Binary::mul, a, b); }
inline Tensor div(const Tensor& a, const Tensor& b) { return binary(Binary::div, a, b); }

// y = scale x + shift
Tensor affine(const Tensor& x, double scale, double shift);
inline Tensor scale(const Tensor& x, double factor) { return affine(x, factor, 0); }

// y += x: one shape and dtype, but y may be f32 where x is bf16. y is row-major.
void accumulate_(Tensor& y, const Tensor& x);

}  // namespace tensor
