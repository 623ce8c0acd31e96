// The search for the first number that is not finite: a guard under which every output and gradient is tested.
#pragma once

#include <string>

#include "tensor/base/scoped.h"
#include "tensor/tensor.h"

namespace autograd {

class Node;

// While one of these lives, every output of a differentiable op and every gradient of this thread is tested, also while
// nothing is recorded. The first that is not finite throws NonFinite with the name of its op and its trace path.
class FiniteCheck {
 public:
  FiniteCheck();
  static bool active();

 private:
  base::Scoped<bool> scope_;
};

// Throws NonFinite("layer_norm, recorded in encoder.layers.3: an output [3, 5] is not finite; its inputs are [3, 5],
// [5] and a constant").
void require_finite(const tensor::Tensor& x, const Node& node, const std::string& what);

}  // namespace autograd
