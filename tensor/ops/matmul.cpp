#include "tensor/ops/matmul.h"

#include "tensor/format.h"
#include "tensor/launch.h"

namespace tensor {

namespace {

// A matrix per batch entry as the kernel takes it: [b, rows, columns], the last dimension contiguous.
struct Operand {
  Tensor x;
  bool transposed;
};

Operand operand(const Tensor& x, bool transposed) {
  if (x.rank() == 2) return operand(x.unsqueeze(0), transposed);
  if (x.rank() == 4) {
    if (x.stride(0) != x.stride(1) * x.size(1)) return operand(x.contiguous(), transposed);
    const Shape shape{x.size(0) * x.size(1), x.size(2), x.size(3)};
    return operand(Tensor(x.storage(), x.offset(), shape, {x.stride(1), x.stride(2), x.stride(3)}, x.dtype()),
                   transposed);
  }
  if (x.stride(-1) == 1) return {x, transposed};
  if (x.stride(-2) == 1) return {x.transpose(-2, -1), !transposed};
  return {x.contiguous(), transposed};
}

// Returns how many elements the rows of x[..., d] are apart; -1 if that is uneven, or if they overlap or have gaps.
int64_t row_distance(const Tensor& x) {
  if (x.is_contiguous()) return x.rank() > 0 ? x.size(-1) : -1;
  int64_t rows = 1, distance = x.size(-1);
  for (int i = x.rank() - 2; i >= 0; --i) {
    if (x.size(i) == 1) continue;
    if (rows == 1) distance = x.stride(i);
    if (x.stride(i) != rows * distance) return -1;
    rows *= x.size(i);
  }
  return distance >= x.size(-1) && (x.size(-1) == 1 || x.stride(-1) == 1) ? distance : -1;
}

// Makes the launch of a product of `shape` and `dtype`, op(a) op(b) + bias, into c where there is one already.
Launch launch_product(const char* op, const Tensor* c, const Tensor& a, bool transpose_a, const Tensor& b,
                      const Tensor& bias, const Shape& shape, DType dtype) {
  const int64_t written = shape.numel() * int64_t(size_of(dtype));
  return Launch(op, {&a, &b, &bias, c}, int64_t(a.bytes() + b.bytes()) + written,
                2 * shape.numel() * a.size(transpose_a ? -2 : -1));
}

// Computes c[b, m, n] = op(a) op(b) + bias; where c is added to, there is no bias.
void gemm(const Launch& launch, Target c, const Operand& a, const Operand& b, const Tensor* bias) {
  Tensor scratch = launch.scratch(&MatmulKernels::gemm_scratch, c, a.x, a.transposed, b.x, b.transposed);
  launch(&MatmulKernels::gemm, c, a.x, a.transposed, b.x, b.transposed, bias, scratch);
}

// Returns the shape of op(a) op(b), or throws.
Shape product_shape(const Tensor& a, const Tensor& b, bool transpose_a, bool transpose_b) {
  const auto flag = [](bool transpose) { return transpose ? " transposed" : ""; };
  const bool one_b = b.rank() == 2 && !transpose_a;
  bool same = a.rank() >= 2 && a.rank() <= 4 && (a.rank() == b.rank() || (b.rank() == 2 && a.rank() > 2 && one_b));
  for (int i = 0; same && b.rank() > 2 && i < a.rank() - 2; ++i) same = a.size(i) == b.size(i);
  base::check(same, "matmul: a {}{} and b {}{} should have rank 2 to 4 and the same leading dimensions, or b rank 2",
              a.shape(), flag(transpose_a), b.shape(), flag(transpose_b));
  base::check(a.size(transpose_a ? -2 : -1) == b.size(transpose_b ? -1 : -2),
              "matmul: a {}{} and b {}{} should have one inner dimension", a.shape(), flag(transpose_a), b.shape(),
              flag(transpose_b));
  base::check(a.dtype() == b.dtype(), "matmul: a is {} and b is {}; they should have one dtype", a.dtype(), b.dtype());
  Shape shape = a.shape();
  shape[-2] = a.size(transpose_a ? -1 : -2);
  shape[-1] = b.size(transpose_b ? -2 : -1);
  return shape;
}

// Computes c[..., m, n] = op(a) op(b), of shapes that fit; the rows of c are `distance` apart.
void multiply(const Launch& launch, const Target& to, int64_t distance, const Tensor& a, const Tensor& b,
              bool transpose_a, bool transpose_b) {
  const Tensor& c = to.tensor;
  if (c.numel() == 0) return;
  const bool one_b = b.rank() == 2 && a.rank() > 2;
  const int64_t n = c.size(-1), m = one_b ? c.numel() / n : c.size(-2);
  const Tensor matrices(c.storage(), c.offset(), {c.numel() / (m * n), m, n}, {m * distance, distance, 1}, c.dtype());
  gemm(launch, {matrices, to.accumulate}, operand(one_b ? a.rows() : a, transpose_a), operand(b, transpose_b), nullptr);
}

}  // namespace

void matmul_into(Target to, const Tensor& a, const Tensor& b, bool transpose_a, bool transpose_b) {
  const Tensor& c = to.tensor;
  const Shape shape = product_shape(a, b, transpose_a, transpose_b);
  const int64_t distance = row_distance(c);
  base::check(c.shape() == shape && distance >= 0,
              "matmul: the result {} should be row-major, or evenly spaced rows, and {}", c.shape(), shape);
  base::check(c.dtype() == a.dtype() || c.dtype() == acc_dtype(a.dtype()),
              "matmul: {} operands cannot fill a {} result", a.dtype(), c.dtype());
  const Launch launch = launch_product("matmul", &c, a, transpose_a, b, {}, shape, c.dtype());
  multiply(launch, to, distance, a, b, transpose_a, transpose_b);
}

Tensor matmul(const Tensor& a, const Tensor& b, bool transpose_a, bool transpose_b) {
  const Shape shape = product_shape(a, b, transpose_a, transpose_b);
  const Launch launch = launch_product("matmul", nullptr, a, transpose_a, b, {}, shape, a.dtype());
  const Tensor c = Tensor::empty(shape, a.dtype(), a.device());
  multiply(launch, {c}, shape[-1], a, b, transpose_a, transpose_b);
  return c;
}

namespace {

Shape linear_shape(const Tensor& x, const Tensor& w, const Tensor& bias) {
  base::check(x.rank() >= 1 && w.rank() == 2 && w.size(1) == x.size(-1),
              "linear: w {} should be [o, k] where k is the last dimension of x {}", w.shape(), x.shape());
  base::check(w.dtype() == x.dtype(), "linear: w is {} and x is {}; they should have one dtype", w.dtype(), x.dtype());
  if (bias.defined())
    base::check(bias.shape() == Shape{w.size(0)} && bias.dtype() == x.dtype(), "linear: bias {} {} should be {} [{}]",
                bias.dtype(), bias.shape(), x.dtype(), w.size(0));
  Shape shape = x.shape();
  shape[-1] = w.size(0);
  return shape;
}

// Computes y = x w^T + bias, with the rows of y `distance` apart.
void project(const Launch& launch, const Tensor& y, int64_t distance, const Tensor& x, const Tensor& w,
             const Tensor& bias) {
  if (y.numel() == 0) return;
  const int64_t o = y.size(-1), rows = y.numel() / o;
  const Tensor matrix(y.storage(), y.offset(), {1, rows, o}, {rows * distance, distance, 1}, y.dtype());
  const Tensor contiguous_bias = bias.defined() ? bias.contiguous() : bias;
  gemm(launch, {matrix}, operand(x.rows(), false), operand(w, true), bias.defined() ? &contiguous_bias : nullptr);
}

}  // namespace

Tensor linear(const Tensor& x, const Tensor& w, const Tensor& bias) {
  const Shape shape = linear_shape(x, w, bias);
  const Launch launch = launch_product("linear", nullptr, x, false, w, bias, shape, x.dtype());
  const Tensor y = Tensor::empty(shape, x.dtype(), x.device());
  project(launch, y, shape[-1], x, w, bias);
  return y;
}

void linear_into(Tensor& y, const Tensor& x, const Tensor& w, const Tensor& bias) {
  const Shape shape = linear_shape(x, w, bias);
  const int64_t distance = row_distance(y);
  base::check(y.shape() == shape && y.dtype() == x.dtype() && distance >= 0,
              "linear: the result {} {} should be row-major, or evenly spaced rows, and {} {}", y.dtype(), y.shape(),
              x.dtype(), shape);
  const Launch launch = launch_product("linear", &y, x, false, w, bias, shape, x.dtype());
  project(launch, y, distance, x, w, bias);
}

}  // namespace tensor
