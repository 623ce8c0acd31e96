#include "tensor/ops/elementwise.h"

#include "tensor/format.h"

namespace tensor {

Tensor binary(Binary op, const Tensor& a, const Tensor& b) {
  static constexpr const char* kNames[] = {"add", "sub", "mul", "div"};
  const char* name = kNames[int(op)];
  check(a.dtype() == b.dtype(), "{}: {} {} and {} {} should have one dtype", name, a.dtype(), a.shape(), b.dtype(),
        b.shape());
  check(a.device() == b.device(), "{}: operands on {} and {} should be on one device", name, a.device(), b.device());
  const Shape shape = broadcast(a.shape(), b.shape());
  Tensor y = Tensor::empty(shape, a.dtype(), a.device());
  kernel(kernels(a.device()).elementwise->binary, name, a.device())(op, y, a.expand(shape), b.expand(shape));
  return y;
}

Tensor affine(const Tensor& x, double scale, double shift) {
  Tensor y = Tensor::empty(x.shape(), x.dtype(), x.device());
  kernel(kernels(x.device()).elementwise->affine, "affine", x.device())(y, x.contiguous(), scale, shift);
  return y;
}

void accumulate_(Tensor& y, const Tensor& x) {
  check(y.shape() == x.shape() && y.is_contiguous(), "accumulate: {} should be row-major and of the shape of x, {}",
        y.shape(), x.shape());
  check(y.dtype() == x.dtype() || (y.dtype() == DType::f32 && x.dtype() == DType::bf16),
        "accumulate: {} cannot be added to {}", x.dtype(), y.dtype());
  kernel(kernels(x.device()).elementwise->accumulate, "accumulate", x.device())(y, x.contiguous());
}

}  // namespace tensor
