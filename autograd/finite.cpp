#include "autograd/finite.h"

#include "autograd/node.h"
#include "tensor/format.h"
#include "tensor/ops/reduce.h"

namespace autograd {

namespace {
thread_local bool checking = false;
}

FiniteCheck::FiniteCheck() : saved_(checking) { checking = true; }
FiniteCheck::~FiniteCheck() { checking = saved_; }
bool FiniteCheck::active() { return checking; }

void require_finite(const tensor::Tensor& x, const Node& node, const char* what) {
  if (!tensor::is_float(x.dtype())) return;
  const bool finite = *tensor::all_finite(x).data<uint8_t>() != 0;
  tensor::check<tensor::NonFinite>(finite, "{}: {} {} is not finite", node.where(), what, x.shape());
}

}  // namespace autograd
