// Backward: from one scalar to the gradients of all parameters it depends on.
//
// Two passes without recursion. The first counts how many contributions every node and every parameter will receive.
// The second always runs the youngest of the nodes that have received all of theirs. So the order depends on nothing
// but the order of recording, and sums are formed in the same order every time. A parameter is ready when its count
// reaches zero, once, however many ops it was used in.
//
// A backward adds to a gradient once, so two of them into one buffer give the bits of two gradients that are added
// afterwards. A single op writes straight into the buffer. Where several ops use a parameter whose gradient already
// holds something, their sum is formed in memory of its own. That is freed when the last has arrived.
#pragma once

#include <functional>
#include <span>

#include "autograd/node.h"
#include "tensor/base/scoped.h"

namespace autograd {

// Adds d root / d parameter into the gradient of every parameter that `root` depends on. `seed` is the gradient of root
// (same shape); without it root must have one element and the seed is 1. The graph's saved tensors are freed. Throws
// Error if an op leaves a wanted gradient out or gives one of the wrong shape or dtype. An error raised inside a node
// is completed by the node's name and path. After an error the gradients of this backward are incomplete and have to be
// cleared. The graph itself can be used again as far as its saved tensors were not freed.
void backward(const Variable& root, const Tensor& seed = {});

// Does the same for several roots of one graph, a seed for each. Roots that depend on no parameter are passed over.
void backward(std::span<const Variable> roots, std::span<const Tensor> seeds);

// While one lives, it sees every node of a backward on this thread before it runs.
class BackwardObserver {
 public:
  using Function = std::function<void(const Node& node, std::span<const Tensor> dy)>;
  explicit BackwardObserver(Function function);

 private:
  friend class Engine;
  Function function_;
  base::Scoped<BackwardObserver*> scope_;
};

// Returns x itself in the forward pass; `function` sees its gradient in the backward pass.
Variable watch(const Variable& x, std::function<void(const Tensor& gradient)> function);

}  // namespace autograd
