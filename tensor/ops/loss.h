// Cross-entropy of next-token predictions: -log softmax(logits)[target], in nats. Targets are i32; a negative target is
// ignored: its loss and its gradient are 0.
//
// With a vocabulary of 50 k the logits of a batch outweigh all else in memory, and their product is a quarter of all
// arithmetic. So linear_cross_entropy makes them once, for a few tokens at a time, as many as the backend likes. Where
// gradients are wanted, logits become their own gradient while they are there, and go on into dhidden and dw.
#pragma once

#include "tensor/ids.h"
#include "tensor/tensor.h"

namespace tensor {

struct CrossEntropy {
  Tensor loss, lse;  // [t...], acc dtype: the loss, and log sum exp of the logits
};

Tensor log_sum_exp(const Tensor& logits);  // [t..., v] -> [t...], acc dtype

// Takes logits[t..., v], targets[t...]. Throws Error if a target is not below v.
CrossEntropy cross_entropy(const Tensor& logits, const Ids& targets);
// Returns dlogits[t..., v] = weight[t...] (softmax(logits) - onehot(target)); lse and weight are of acc dtype.
Tensor cross_entropy_backward(const Tensor& logits, const Tensor& lse, const Tensor& targets, const Tensor& weight);

// Returns the cross-entropy of hidden[t, d] w[v, d]^T + bias against targets[t]; bias is [v], [1, v] or undefined. w
// may have more rows than bias has numbers: those are padding, 0, for the sake of aligned rows of logits. They are no
// classes, and their gradient is 0.
CrossEntropy linear_cross_entropy(const Tensor& hidden, const Tensor& w, const Tensor& bias, const Ids& targets);

struct LinearCrossEntropy {
  Tensor loss;         // [t]
  Tensor dhidden, dw;  // [t, d] and [v, d] of sum over t of weight[t] loss[t]; undefined where not wanted
};
// Returns the same loss, and gradients, all of acc dtype; so is weight[t].
LinearCrossEntropy linear_cross_entropy_gradients(const Tensor& hidden, const Tensor& w, const Tensor& bias,
                                                  const Ids& targets, const Tensor& weight, bool wants_dhidden,
                                                  bool wants_dw);

// Adds sums[groups[t]] += loss[t] in f64, in an order that follows from t alone; a negative group is none. sums is f64
// [n], loss of acc dtype. Throws Error if a group is not below n.
void group_sums_(Tensor& sums, const Tensor& loss, const Ids& groups);

}  // namespace tensor
