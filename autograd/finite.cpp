#include "autograd/finite.h"

#include "autograd/node.h"
#include "tensor/format.h"
#include "tensor/ops/reduce.h"

namespace autograd {

namespace {
thread_local bool checking = false;
}

FiniteCheck::FiniteCheck() : scope_(checking, true) {}
bool FiniteCheck::active() { return checking; }

namespace {

// Writes "[3, 5], [5] and a constant".
std::string shapes_of_inputs(const Node& node) {
  const std::vector<Edge>& inputs = node.inputs();
  std::string list;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Edge& edge = inputs[i];
    if (i > 0) list += i + 1 < inputs.size() ? ", " : " and ";
    list += edge.leaf   ? tensor::to_string(edge.leaf->value.shape())
            : edge.node ? tensor::to_string(edge.node->outputs()[size_t(edge.slot)].shape)
                        : "a constant";
  }
  return list;
}

}  // namespace

void require_finite(const tensor::Tensor& x, const Node& node, const std::string& what) {
  if (!x.defined() || !tensor::is_float(x.dtype())) return;
  const bool finite = tensor::all_finite(x).to(tensor::Device{}).item() != 0;
  base::check<base::NonFinite>(finite, "{}: {} is not finite; its inputs are {}", node.where(), what,
                               shapes_of_inputs(node));
}

}  // namespace autograd
