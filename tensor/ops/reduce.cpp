#include "tensor/ops/reduce.h"

#include "tensor/format.h"
#include "tensor/launch.h"
#include "tensor/ops/elementwise.h"

namespace tensor {

namespace {

// Views x as [outer, n, inner] around dimensions [first, first + count).
Tensor around(const Tensor& x, int first, int count) {
  int64_t sizes[3] = {1, 1, 1};
  for (int i = 0; i < x.rank(); ++i) sizes[i < first ? 0 : i < first + count ? 1 : 2] *= x.size(i);
  return x.reshape({sizes[0], sizes[1], sizes[2]});
}

// Computes y[outer, inner], the sum of x[outer, n, inner].
void sum_into(const Launch& launch, Target& y, const Tensor& x) {
  Tensor scratch = launch.scratch(&ReduceKernels::sum_scratch, x.size(0), x.size(1), x.size(2), x.dtype());
  launch(&ReduceKernels::sum, y, x, scratch);
}

Tensor sum_around(const Tensor& x, int first, int count) {
  const Launch launch("sum", {&x}, int64_t(x.bytes()));
  const Tensor parts = around(x, first, count);
  Target y{Tensor::empty({parts.size(0), parts.size(2)}, x.dtype(), x.device())};
  sum_into(launch, y, parts);
  return y.tensor;
}

Shape reduced(const Shape& shape, int dim, bool keepdim) {
  Shape result = shape;
  if (!keepdim) return Shape(shape.erased(dim));
  result[dim] = 1;
  return result;
}

}  // namespace

Tensor sum(const Tensor& x) { return sum_around(x, 0, x.rank()).reshape({}); }

Tensor sum(const Tensor& x, int dim, bool keepdim) {
  dim = x.shape().index(dim);
  return sum_around(x, dim, 1).reshape(reduced(x.shape(), dim, keepdim));
}

Tensor mean(const Tensor& x) { return scale(sum(x), 1.0 / double(x.numel())); }

Tensor mean(const Tensor& x, int dim, bool keepdim) { return scale(sum(x, dim, keepdim), 1.0 / double(x.size(dim))); }

MaxResult max(const Tensor& x, int dim, bool keepdim) {
  dim = x.shape().index(dim);
  base::check(x.size(dim) > 0, "max: dimension {} of {} is empty", dim, x.shape());
  const Launch launch("max", {&x}, int64_t(x.bytes()));
  const Tensor parts = around(x, dim, 1);
  Tensor y = Tensor::empty({parts.size(0), parts.size(2)}, x.dtype(), x.device());
  Tensor index = Tensor::empty(y.shape(), DType::i32, x.device());
  Tensor scratch = launch.scratch(&ReduceKernels::max_scratch, parts.size(0), parts.size(1), parts.size(2), x.dtype());
  launch(&ReduceKernels::max, y, index, parts, scratch);
  const Shape shape = reduced(x.shape(), dim, keepdim);
  return {y.reshape(shape), index.reshape(shape)};
}

Tensor square_norm(const Tensor& x) {
  const Launch launch("square_norm", {&x}, int64_t(x.bytes()));
  Tensor y = Tensor::empty({1}, DType::f64, x.device());
  Tensor scratch = launch.scratch(&ReduceKernels::square_norm_scratch, x.numel());
  launch(&ReduceKernels::square_norm, y, x.contiguous(), scratch);
  return y;
}

Tensor all_finite(const Tensor& x) {
  const Launch launch("all_finite", {&x}, int64_t(x.bytes()));
  Tensor y = Tensor::empty({1}, DType::u8, x.device());
  Tensor scratch = launch.scratch(&ReduceKernels::all_finite_scratch, x.numel());
  launch(&ReduceKernels::all_finite, y, x.contiguous(), scratch);
  return y;
}

Tensor sum_to(const Tensor& x, const Shape& shape) {
  base::check(shape.rank() <= x.rank() && broadcast(x.shape(), shape) == x.shape(),
              "sum_to: {} does not broadcast to {}", shape, x.shape());
  Tensor y = x;
  const int extra = x.rank() - shape.rank();
  if (extra > 0) {
    y = sum_around(x, 0, extra).reshape(Shape(std::span(x.shape().begin() + extra, size_t(shape.rank()))));
  }
  for (int i = 0; i < shape.rank(); ++i)
    if (shape[i] != y.size(i)) y = sum(y, i, true);
  return y;
}

void sum_rows_into(Target to, const Tensor& x) {
  const Tensor& y = to.tensor;
  const Launch launch("sum_rows", {&y, &x}, int64_t(x.bytes()));
  const Tensor rows = x.rows();
  base::check(y.shape() == Shape{rows.size(1)} && y.is_contiguous(),
              "sum_rows: the result {} should be row-major and [{}], the last dimension of x {}", y.shape(),
              rows.size(1), x.shape());
  base::check(y.dtype() == x.dtype() || y.dtype() == acc_dtype(x.dtype()), "sum_rows: {} cannot be summed into {}",
              x.dtype(), y.dtype());
  Target flat{y.unsqueeze(0), to.accumulate};
  sum_into(launch, flat, around(rows, 0, 1));
}

}  // namespace tensor
