#include "tensor/ops/update.h"

#include "tensor/format.h"
#include "tensor/launch.h"

namespace tensor {

namespace {

void check_number(const char* op, const char* what, const Tensor& x) {
  base::check(x.dtype() == DType::f64 && x.shape() == Shape{1}, "{}: the {} is {} {}; it should be f64 [1]", op, what,
              x.dtype(), x.shape());
}

}  // namespace

void adamw(Tensor& working, Tensor& master, Tensor& m, Tensor& v, const Tensor& grad, const Tensor& clip,
           const AdamWOptions& options) {
  const char* op = "adamw";
  for (const Tensor* x : std::initializer_list<const Tensor*>{&working, &master, &m, &v, &grad})
    base::check(x->rank() == 1 && x->numel() == master.numel() && x->is_contiguous(),
                "{}: working {}, master {}, m {}, v {} and grad {} must be flat, contiguous and of one size", op,
                working.shape(), master.shape(), m.shape(), v.shape(), grad.shape());
  for (const Tensor* x : std::initializer_list<const Tensor*>{&master, &m, &v, &grad})
    base::check(x->dtype() == acc_dtype(working.dtype()),
                "{}: master {}, m {}, v {} and grad {} must be {} where working is {}", op, master.dtype(), m.dtype(),
                v.dtype(), grad.dtype(), acc_dtype(working.dtype()), working.dtype());
  check_number(op, "clip factor", clip);
  base::check(options.step >= 1, "{}: step is {}; steps count from 1", op, options.step);
  base::check(options.decayed >= 0 && options.decayed <= master.numel(),
              "{}: {} numbers decay; they should be 0 to {}, all there are", op, options.decayed, master.numel());
  const Launch launch(op, {&working, &master, &m, &v, &grad, &clip}, int64_t(7 * master.bytes() + working.bytes()));
  launch(&UpdateKernels::adamw, working, master, m, v, grad, clip, options);
}

Tensor clip_factor(const Tensor& square_norm, double max_norm, const Tensor& losses) {
  const char* op = "clip_factor";
  check_number(op, "square norm", square_norm);
  base::check(!losses.defined() || (losses.dtype() == DType::f64 && losses.rank() == 1 && losses.is_contiguous()),
              "{}: losses {} {} should be f64 [n], row-major", op, losses.dtype(), losses.shape());
  const Launch launch(op, {&square_norm, &losses});
  Tensor clip = Tensor::empty({1}, DType::f64, square_norm.device());
  launch(&UpdateKernels::clip_factor, clip, square_norm, losses, max_norm);
  return clip;
}

}  // namespace tensor
