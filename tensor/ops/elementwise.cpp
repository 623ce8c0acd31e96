#include "tensor/ops/elementwise.h"

#include "tensor/format.h"
#include "tensor/launch.h"

namespace tensor {

Tensor binary(Binary op, const Tensor& a, const Tensor& b) {
  static constexpr const char* kNames[] = {"add", "sub", "mul", "div"};
  const char* name = kNames[int(op)];
  base::check(a.dtype() == b.dtype(), "{}: {} {} and {} {} should have one dtype", name, a.dtype(), a.shape(),
              b.dtype(), b.shape());
  const Shape shape = broadcast(a.shape(), b.shape());
  const Launch launch(name, {&a, &b}, 3 * shape.numel() * int64_t(size_of(a.dtype())));
  Tensor y = Tensor::empty(shape, a.dtype(), a.device());
  launch(&ElementwiseKernels::binary, op, y, a.expand(shape), b.expand(shape));
  return y;
}

void scale_(Tensor& x, const Tensor& factor) {
  base::check(factor.shape() == Shape{} && factor.dtype() == x.dtype(), "scale: the factor {} {} should be {} []",
              factor.dtype(), factor.shape(), x.dtype());
  const Launch launch("scale", {&x, &factor}, int64_t(2 * x.bytes()));
  launch(&ElementwiseKernels::binary, Binary::mul, x, x, factor.expand(x.shape()));
}

Tensor affine(const Tensor& x, double scale, double shift) {
  const Launch launch("affine", {&x}, int64_t(2 * x.bytes()));
  Tensor y = Tensor::empty(x.shape(), x.dtype(), x.device());
  launch(&ElementwiseKernels::affine, y, x.contiguous(), scale, shift);
  return y;
}

const char* name(Unary op) {
  static constexpr const char* kNames[] = {"neg", "exp", "log", "sqrt", "relu", "tanh", "gelu", "gelu_tanh", "silu"};
  return kNames[int(op)];
}

namespace {

void check_float(const char* op, const Tensor& x) {
  base::check(is_float(x.dtype()), "{}: x {} {} should be of floating numbers", op, x.dtype(), x.shape());
}

void check_dropout(const char* op, float p) {
  base::check(p >= 0 && p < 1, "{}: p is {}; it should be in [0, 1)", op, p);
}

}  // namespace

Tensor unary(Unary op, const Tensor& x) {
  check_float(name(op), x);
  const Launch launch(name(op), {&x}, int64_t(2 * x.bytes()));
  Tensor y = Tensor::empty(x.shape(), x.dtype(), x.device());
  launch(&ElementwiseKernels::unary, op, y, x.contiguous());
  return y;
}

Tensor unary_backward(Unary op, const Tensor& dy, const Tensor& x) {
  const Launch launch("unary_backward", {&dy, &x}, int64_t(3 * x.bytes()));
  Tensor dx = Tensor::empty(x.shape(), x.dtype(), x.device());
  launch(&ElementwiseKernels::unary_backward, op, dx, dy.contiguous(), x.contiguous());
  return dx;
}

Tensor dropout(const Tensor& x, float p, const RandomPosition& at) {
  const char* op = "dropout";
  check_float(op, x);
  check_dropout(op, p);
  const Launch launch(op, {&x}, int64_t(2 * x.bytes()));
  Tensor y = Tensor::empty(x.shape(), x.dtype(), x.device());
  launch(&ElementwiseKernels::dropout, y, x.contiguous(), p, at);
  return y;
}

Tensor bias_activation_dropout(Unary activation, const Tensor& x, const Tensor& bias, float p,
                               const RandomPosition& at) {
  const char* op = "bias_activation_dropout";
  check_float(op, x);
  check_dropout(op, p);
  base::check(x.rank() >= 1 && bias.shape() == Shape{x.size(-1)},
              "{}: bias {} should be [d], the last dimension of x {}", op, bias.shape(), x.shape());
  base::check(bias.dtype() == x.dtype(), "{}: bias {} must have the dtype of x, {}", op, bias.dtype(), x.dtype());
  const Launch launch(op, {&x, &bias}, int64_t(2 * x.bytes()));
  const Tensor rows = x.rows();
  Tensor y = Tensor::empty(rows.shape(), x.dtype(), x.device());
  launch(&ElementwiseKernels::bias_activation_dropout, activation, y, rows, bias.contiguous(), p, at);
  return y.reshape(x.shape());
}

Tensor bias_activation_dropout_backward(Unary activation, const Tensor& dy, const Tensor& x, const Tensor& bias,
                                        float p, const RandomPosition& at, Target dbias) {
  const char* op = "bias_activation_dropout_backward";
  const Launch launch(op, {&dy, &x, &bias, &dbias.tensor}, int64_t(3 * x.bytes()));
  const Tensor rows = x.rows();
  Tensor dx = Tensor::empty(rows.shape(), x.dtype(), x.device());
  Tensor scratch;
  if (dbias.wanted())
    scratch = launch.scratch(&ElementwiseKernels::bias_activation_dropout_backward_scratch, rows.size(0), rows.size(1),
                             x.dtype());
  launch(&ElementwiseKernels::bias_activation_dropout_backward, activation, dx, dbias, dy.rows(), rows,
         bias.contiguous(), p, at, scratch);
  return dx.reshape(x.shape());
}

void random_normal_(Tensor& y, double mean, double stddev, const RandomPosition& at) {
  const char* op = "random_normal";
  check_float(op, y);
  base::check(y.is_contiguous(), "{}: {} should be row-major", op, y.shape());
  const Launch launch(op, {&y}, int64_t(y.bytes()));
  launch(&ElementwiseKernels::random_normal, y, mean, stddev, at);
}

void random_uniform_(Tensor& y, double low, double high, const RandomPosition& at) {
  const char* op = "random_uniform";
  check_float(op, y);
  base::check(y.is_contiguous(), "{}: {} should be row-major", op, y.shape());
  const Launch launch(op, {&y}, int64_t(y.bytes()));
  launch(&ElementwiseKernels::random_uniform, y, low, high, at);
}

void accumulate_(Tensor& y, const Tensor& x) {
  base::check(y.shape() == x.shape() && y.is_contiguous(),
              "accumulate: {} should be row-major and of the shape of x, {}", y.shape(), x.shape());
  base::check(y.dtype() == x.dtype() || (y.dtype() == DType::f32 && x.dtype() == DType::bf16),
              "accumulate: {} cannot be added to {}", x.dtype(), y.dtype());
  const Launch launch("accumulate", {&y, &x}, int64_t(2 * y.bytes() + x.bytes()));
  launch(&ElementwiseKernels::accumulate, y, x.contiguous());
}

}  // namespace tensor
