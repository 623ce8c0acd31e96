#include "kilm/finetuning/losses.h"

#include "autograd/ops/elementwise.h"
#include "autograd/ops/index.h"
#include "autograd/ops/loss.h"
#include "autograd/ops/reduce.h"
#include "autograd/ops/views.h"
#include "tensor/ops/elementwise.h"
#include "tensor/ops/index.h"
#include "tensor/ops/reduce.h"

namespace kilm::finetuning {

namespace {

Variable weighted(const Variable& losses, const tensor::Tensor& weights) {
  return autograd::sum(autograd::mul(losses, weights));
}

Variable in_acc_dtype(const Variable& x) { return autograd::cast(x, tensor::acc_dtype(x.dtype())); }

}  // namespace

Variable classification_loss(const Variable& logits, const tensor::Ids& labels, const tensor::Ids& places,
                             const tensor::Tensor& weights, double smoothing) {
  const Variable wide = in_acc_dtype(logits);
  Variable loss = autograd::cross_entropy(wide, labels);
  if (smoothing > 0) {
    const Variable above = autograd::sub(autograd::pick(wide, places), autograd::mean(wide, 1));
    loss = autograd::add(loss, autograd::scale(above, smoothing));
  }
  return weighted(loss, weights);
}

Variable regression_loss(const Variable& logits, const tensor::Tensor& numbers, const tensor::Tensor& weights) {
  const Variable error = autograd::sub(autograd::reshape(in_acc_dtype(logits), {-1}), numbers);
  return weighted(autograd::mul(error, error), weights);
}

Variable above_mean_logit(const Variable& hidden, const Variable& table, int64_t vocabulary, const tensor::Tensor& bias,
                          const tensor::Ids& places) {
  const Variable mean_row = autograd::mean(autograd::narrow(table, 0, 0, vocabulary), 0);
  const Variable difference = autograd::sub(autograd::gather_rows(table, places), mean_row);
  const Variable above = autograd::sum(in_acc_dtype(autograd::mul(hidden, difference)), 1);
  const tensor::Tensor biases = bias.reshape({vocabulary, 1});
  const tensor::Tensor of_places = tensor::gather_rows(biases, places).reshape({places.count()});
  const tensor::Tensor mean_bias = tensor::mean(bias.reshape({vocabulary}), 0, true);
  return autograd::add(above, in_acc_dtype(Variable(tensor::sub(of_places, mean_bias))));
}

}  // namespace kilm::finetuning
