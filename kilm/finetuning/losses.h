// What is minimised for each task, as a sum over rows, each of which weighs something: one over the examples of the
// update, or over its target tokens. Weights are of the acc dtype of the logits.
#pragma once

#include "autograd/variable.h"
#include "tensor/ids.h"

namespace kilm::finetuning {

using autograd::Variable;

// Returns the cross-entropy of logits[n, c] against labels[n]; a negative one is ignored. With label smoothing
// (Szegedy et al. 2016, section 7) each of the c classes is wanted by smoothing / c and the label by the rest;
// `places` [n] are then the labels, with 0 for a negative one, else undefined.
Variable classification_loss(const Variable& logits, const tensor::Ids& labels, const tensor::Ids& places,
                             const tensor::Tensor& weights, double smoothing);

// Returns the squared error of logits[n, 1] against numbers[n].
Variable regression_loss(const Variable& logits, const tensor::Tensor& numbers, const tensor::Tensor& weights);

// Returns for hidden[t, d] by how much the logit of places[t] is above the mean of all `vocabulary` logits, which are
// hidden table^T + bias; table[v, d] may have more rows than that, bias is [1, vocabulary] and a constant: [t].
//
// Smoothed cross-entropy is (1 - s) CE + s mean_v(-log p_v). Both terms hold the same log sum exp, so that is CE plus s
// times this. No t x v numbers are needed: the mean of logits is the logit of the mean of the table's rows.
Variable above_mean_logit(const Variable& hidden, const Variable& table, int64_t vocabulary, const tensor::Tensor& bias,
                          const tensor::Ids& places);

}  // namespace kilm::finetuning
