// Cross-entropy of next-token predictions: -log softmax(logits)[target], in nats. Targets are i32; a negative target is
// ignored: its loss and its gradient are 0.
//
// With a vocabulary of 50 k the logits of a batch outweigh all else in memory. So linear_cross_entropy makes them for a
// few tokens at a time, as many as the backend likes, and forgets them. Backward makes them again from the saved
// log-sum-exp and sums the gradients of the chunks where dw belongs. That takes one product more than keeping dw of the
// forward pass would. It takes a second [v, d] buffer only where several chunks are added to what dw holds.
#pragma once

#include "tensor/ids.h"
#include "tensor/target.h"

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
// Writes dhidden[t, d] and dw[v, d], where wanted, of sum over t of weight[t] loss[t]. They are row-major, of the
// operands' dtype or its acc dtype; lse[t] and weight[t] are of acc dtype.
void linear_cross_entropy_backward(Target dhidden, Target dw, const Tensor& hidden, const Tensor& w, const Tensor& bias,
                                   const Tensor& targets, const Tensor& lse, const Tensor& weight);

// Adds sums[groups[t]] += loss[t] in f64, in an order that follows from t alone; a negative group is none. sums is f64
// [n], loss of acc dtype. Throws Error if a group is not below n.
void group_sums_(Tensor& sums, const Tensor& loss, const Ids& groups);

}  // namespace tensor
