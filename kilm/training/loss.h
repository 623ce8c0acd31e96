// The loss that training lowers: a number for each micro-batch, which the weights decide. A trainer knows no more of
// what it trains.
#pragma once

#include "autograd/ops/loss.h"
#include "kilm/bart/model.h"
#include "kilm/batching/packing.h"

namespace kilm::training {

class Loss {
 public:
  virtual ~Loss() = default;

  // Returns what is trained: its parameters are those that updates change.
  virtual nn::Module& module() = 0;
  // Throws Error for ids of a micro-batch that `of` refuses. A step that was recorded is held to it before a replay,
  // which checks nothing.
  virtual void check(const batching::MicroBatch& micro) const = 0;
  // Runs the micro-batch forward, with dropout. The sum is its part of what is minimised. The losses are those of rows
  // that micro.group_ids sorts; they are not read where it is undefined.
  virtual autograd::TokenLoss of(const batching::MicroBatch& micro, nn::Recompute recompute) const = 0;
};

// The weighted cross-entropy of the target tokens of a BART.
class TokenCrossEntropy final : public Loss {
 public:
  explicit TokenCrossEntropy(bart::Bart& model) : model_(model) {}
  nn::Module& module() override { return model_; }
  void check(const batching::MicroBatch& micro) const override;
  autograd::TokenLoss of(const batching::MicroBatch& micro, nn::Recompute recompute) const override;

 private:
  bart::Bart& model_;
};

}  // namespace kilm::training
