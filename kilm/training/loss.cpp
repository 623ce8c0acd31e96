#include "kilm/training/loss.h"

namespace kilm::training {

void TokenCrossEntropy::check(const batching::MicroBatch& micro) const {
  model_.encoder.embedding.check(micro.source);
  model_.decoder.embedding.check(micro.target);
  micro.labels.check_targets("linear_cross_entropy", model_.config.vocab_size);
}

autograd::TokenLoss TokenCrossEntropy::of(const batching::MicroBatch& micro, nn::Recompute recompute) const {
  const autograd::Variable hidden = model_.forward(micro.source, micro.target, {.training = true}, recompute);
  return autograd::linear_cross_entropy(hidden, model_.shared, model_.final_logits_bias, micro.labels, micro.weights);
}

}  // namespace kilm::training
