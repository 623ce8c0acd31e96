#include "autograd/finite.h"

#include <cmath>

#include "autograd/node.h"
#include "tensor/format.h"

namespace autograd {

namespace {
thread_local bool checking = false;
}

FiniteCheck::FiniteCheck() : saved_(checking) { checking = true; }
FiniteCheck::~FiniteCheck() { checking = saved_; }
bool FiniteCheck::active() { return checking; }

namespace {

bool all_finite(const tensor::Tensor& x) {
  const tensor::Tensor wide = x.cast(tensor::DType::f64).contiguous();
  for (int64_t i = 0; i < wide.numel(); ++i)
    if (!std::isfinite(wide.data<double>()[i])) return false;
  return true;
}

}  // namespace

void require_finite(const tensor::Tensor& x, const Node& node, const char* what) {
  if (!tensor::is_float(x.dtype())) return;
  tensor::check<tensor::NonFinite>(all_finite(x), "{}: {} {} is not finite", node.where(), what, x.shape());
}

}  // namespace autograd
