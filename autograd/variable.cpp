#include "autograd/variable.h"

#include "tensor/format.h"

namespace autograd {

Variable Variable::parameter(Tensor value, std::string name) {
  base::check(tensor::is_float(value.dtype()), "parameter {}: {} has no gradient", name, value.dtype());
  auto leaf = std::make_shared<Leaf>();
  leaf->value = std::move(value);
  leaf->name = std::move(name);
  return Variable(Tensor(), Edge{nullptr, 0, std::move(leaf)});
}

namespace {
const Tensor kNoGradient;
thread_local bool no_grad = false;
}  // namespace

const Tensor& Variable::grad() const {
  base::check(edge_.leaf != nullptr, "grad: {} is not a parameter", value().shape());
  return edge_.leaf->empty_grad ? kNoGradient : edge_.leaf->grad;
}

void Variable::clear_grad() {
  base::check(edge_.leaf != nullptr, "clear_grad: {} is not a parameter", value().shape());
  edge_.leaf->empty_grad = true;
}

NoGrad::NoGrad() : scope_(no_grad, true) {}
bool NoGrad::active() { return no_grad; }

EnableGrad::EnableGrad() : scope_(no_grad, false) {}

}  // namespace autograd
