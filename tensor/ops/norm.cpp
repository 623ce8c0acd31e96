#include "tensor/ops/norm.h"

#include "tensor/format.h"
#include "tensor/launch.h"

namespace tensor {

namespace {

void check_affine(const char* op, const Tensor& x, const Tensor& w, const Tensor& b) {
  base::check(x.rank() >= 1, "{}: x is a scalar; it should be [..., d]", op);
  base::check(w.shape() == Shape{x.size(-1)} && b.shape() == w.shape(),
              "{}: weight {} and bias {} must both be [{}], the last dimension of x {}", op, w.shape(), b.shape(),
              x.size(-1), x.shape());
  base::check(w.dtype() == x.dtype() && b.dtype() == x.dtype(),
              "{}: weight {} and bias {} must have the dtype of x, {}", op, w.dtype(), b.dtype(), x.dtype());
}

Tensor stats_of(const Tensor& rows) { return Tensor::empty({rows.size(0)}, acc_dtype(rows.dtype()), rows.device()); }

}  // namespace

LayerNormResult layer_norm(const Tensor& x, const Tensor& w, const Tensor& b, double eps) {
  const char* op = "layer_norm";
  check_affine(op, x, w, b);
  const Launch launch(op, {&x, &w, &b}, int64_t(2 * x.bytes()));
  const Tensor rows = x.rows();
  Tensor y = Tensor::empty(rows.shape(), x.dtype(), x.device());
  Tensor mean = stats_of(rows), rstd = stats_of(rows);
  launch(&NormKernels::layer_norm, y, mean, rstd, rows, w.contiguous(), b.contiguous(), eps);
  return {y.reshape(x.shape()), mean, rstd};
}

namespace {

// Writes dx, and its dropout where `dropped` is defined.
void run_backward(const Launch& launch, Tensor dx, Tensor dropped, Target& dw, Target& db, const Tensor& dy,
                  const Tensor& x, const Tensor& mean, const Tensor& rstd, const Tensor& w, float p,
                  const RandomPosition& at) {
  const Tensor rows = x.rows();
  Tensor scratch;
  if (dw.wanted() || db.wanted())
    scratch = launch.scratch(&NormKernels::layer_norm_backward_scratch, rows.size(0), rows.size(1), x.dtype());
  launch(&NormKernels::layer_norm_backward, dx, dropped, dw, db, dy.rows(), rows, mean.contiguous(), rstd.contiguous(),
         w.contiguous(), p, at, scratch);
}

void check_gradient(const char* op, const Tensor& dy, const Tensor& x) {
  base::check(dy.shape() == x.shape(), "{}: dy {} must have the shape of x, {}", op, dy.shape(), x.shape());
}

Tensor rows_like(const Tensor& x) { return Tensor::empty(x.rows().shape(), x.dtype(), x.device()); }

}  // namespace

Tensor layer_norm_backward(const Tensor& dy, const Tensor& x, const Tensor& mean, const Tensor& rstd, const Tensor& w,
                           Target dw, Target db) {
  const char* op = "layer_norm_backward";
  check_gradient(op, dy, x);
  const Launch launch(op, {&dw.tensor, &db.tensor, &dy, &x, &mean, &rstd, &w}, int64_t(3 * x.bytes()));
  const Tensor dx = rows_like(x);
  run_backward(launch, dx, {}, dw, db, dy, x, mean, rstd, w, 0, {});
  return dx.reshape(x.shape());
}

DropoutAddLayerNormResult dropout_add_layer_norm(const Tensor& x, const Tensor& residual, const Tensor& w,
                                                 const Tensor& b, double eps, float p, const RandomPosition& at) {
  const char* op = "dropout_add_layer_norm";
  check_affine(op, x, w, b);
  base::check(residual.shape() == x.shape() && residual.dtype() == x.dtype(),
              "{}: residual {} {} must be like x, {} {}", op, residual.dtype(), residual.shape(), x.dtype(), x.shape());
  base::check(p >= 0 && p < 1, "{}: p is {}; it should be in [0, 1)", op, p);
  const Launch launch(op, {&x, &residual, &w, &b}, int64_t(4 * x.bytes()));
  const Tensor rows = x.rows();
  Tensor y = rows_like(x), sum = rows_like(x);
  Tensor mean = stats_of(rows), rstd = stats_of(rows);
  launch(&NormKernels::dropout_add_layer_norm, y, sum, mean, rstd, rows, residual.rows(), w.contiguous(),
         b.contiguous(), eps, p, at);
  return {y.reshape(x.shape()), sum.reshape(x.shape()), mean, rstd};
}

DropoutAddLayerNormGradients dropout_add_layer_norm_backward(const Tensor& dy, const Tensor& sum, const Tensor& mean,
                                                             const Tensor& rstd, const Tensor& w, Target dw, Target db,
                                                             float p, const RandomPosition& at) {
  const char* op = "dropout_add_layer_norm_backward";
  check_gradient(op, dy, sum);
  const int64_t passes = p > 0 ? 4 : 3;
  const Launch launch(op, {&dw.tensor, &db.tensor, &dy, &sum, &mean, &rstd, &w}, passes * int64_t(sum.bytes()));
  const Tensor dsum = rows_like(sum), dropped = p > 0 ? rows_like(sum) : Tensor();
  run_backward(launch, dsum, dropped, dw, db, dy, sum, mean, rstd, w, p, at);
  const Tensor dresidual = dsum.reshape(sum.shape());
  return {p > 0 ? dropped.reshape(sum.shape()) : dresidual, dresidual};
}

}  // namespace tensor
