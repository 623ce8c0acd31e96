// Elementwise operations on tensors. Shapes broadcast by NumPy's rule where two operands meet; results are new,
// row-major and of the operands' dtype. Functions that end in an underscore write into their first argument.
#pragma once

#include "tensor/kernels.h"
#include "tensor/tensor.h"

namespace tensor {

// Returns y = a op b with shape broadcast(a, b); one dtype of f32, f64, bf16.
Tensor binary(Binary op, const Tensor& a, const Tensor& b);
inline Tensor add(const Tensor& a, const Tensor& b) { return binary(Binary::add, a, b); }
inline Tensor sub(const Tensor& a, const Tensor& b) { return binary(Binary::sub, a, b); }
inline Tensor mul(const Tensor& a, const Tensor& b) { return binary(Binary::mul, a, b); }
inline Tensor div(const Tensor& a, const Tensor& b) { return binary(Binary::div, a, b); }

// Multiplies x by factor [] in place; one dtype.
void scale_(Tensor& x, const Tensor& factor);

// Returns y = scale x + shift.
Tensor affine(const Tensor& x, double scale, double shift);
inline Tensor scale(const Tensor& x, double factor) { return affine(x, factor, 0); }

// Returns y = op(x); gelu is x Phi(x) by erf, gelu_tanh its approximation by tanh (Hendrycks & Gimpel 2016).
Tensor unary(Unary op, const Tensor& x);
Tensor unary_backward(Unary op, const Tensor& dy, const Tensor& x);  // dx
const char* name(Unary op);

// Returns x / (1 - p) where the random number of the element is not below p, else 0; 0 <= p < 1, rounded to 16 bits.
// The gradient is the same call on dy.
Tensor dropout(const Tensor& x, float p, const RandomPosition& at);

// Returns dropout(op(x + bias)) with x[..., d], bias[d].
Tensor bias_activation_dropout(Unary op, const Tensor& x, const Tensor& bias, float p, const RandomPosition& at);
// Returns dx; computes dbias[d], the sum of its rows, of x's dtype or its acc dtype, where wanted.
Tensor bias_activation_dropout_backward(Unary op, const Tensor& dy, const Tensor& x, const Tensor& bias, float p,
                                        const RandomPosition& at, Target dbias);

// Fills row-major y: element e depends on the position and e alone.
void random_normal_(Tensor& y, double mean, double stddev, const RandomPosition& at);
void random_uniform_(Tensor& y, double low, double high, const RandomPosition& at);  // in [low, high)

// Adds y += x: one shape and dtype, but y may be f32 where x is bf16. y is row-major.
void accumulate_(Tensor& y, const Tensor& x);

}  // namespace tensor
