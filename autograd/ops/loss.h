// Differentiable cross-entropy of next-token predictions, in nats; see tensor/ops/loss.h for shapes and chunks. Targets
// are i32 constants; a negative target is ignored: its loss and its gradient are 0.
#pragma once

#include "autograd/variable.h"
#include "tensor/ids.h"

namespace autograd {

// logits[t..., v], targets[t...] -> [t...] in acc dtype: -log softmax(logits)[target]
Variable cross_entropy(const Variable& logits, const tensor::Ids& targets);

struct TokenLoss {
  Variable sum;   // [] acc dtype: the sum of weights[t] losses[t]
  Tensor losses;  // [t] acc dtype, unweighted; carries no gradient
};

// Returns the cross-entropy of hidden[t, d] w[v, d]^T + bias without t x v numbers in memory. bias [v] or [1, v] or
// undefined is a constant; so are weights[t], of acc dtype. Both gradients are made at once, while the numbers are
// there, and wait for backward.
TokenLoss linear_cross_entropy(const Variable& hidden, const Variable& w, const Tensor& bias,
                               const tensor::Ids& targets, const Tensor& weights);

}  // namespace autograd
