#include "kilm/exchange/forward_tensors.h"

#include <fnmatch.h>

#include "autograd/engine.h"
#include "autograd/ops/loss.h"
#include "tensor/base/format.h"

namespace kilm::exchange {

namespace {

using base::check;
using base::UsageError;

// Appends the gradients under the names of a checkpoint; a parameter that the loss does not reach has zeros.
void append_gradients(std::vector<tensor::NamedTensor>& tensors, bart::Bart& model) {
  for (const nn::Entry& entry : nn::entries(model)) {
    if (!entry.parameter || entry.alias) continue;
    const tensor::Tensor& whole = entry.parameter->grad();
    const tensor::Tensor gradient =
        whole.defined() ? whole.narrow(0, entry.begin, entry.end - entry.begin)
                        : tensor::Tensor::zeros(entry.tensor().shape(), tensor::acc_dtype(entry.tensor().dtype()),
                                                entry.tensor().device());
    tensors.push_back({"grad." + entry.name, gradient});
  }
}

}  // namespace

std::vector<tensor::NamedTensor> step_tensors(bart::Bart& model, const Batch& batch, const StepOptions& options) {
  check<UsageError>(!options.grads || batch.has_labels(), "--grads needs labels");
  std::vector<tensor::NamedTensor> taps;
  const autograd::Variable hidden = [&] {
    const nn::Tap tap([&](const std::string& path, const autograd::Variable& value) {
      const PaddedSide& side = path.starts_with("model.encoder") ? batch.source : batch.target;
      if (fnmatch(options.taps.c_str(), path.c_str(), 0) == 0)
        taps.push_back({"tap." + path, side.padded(value.value())});
      return value;
    });
    return model.forward(batch.source.packed, batch.target.packed, {.training = false});
  }();
  check<UsageError>(options.taps.empty() || !taps.empty(), "--taps {}: no module has such a name", options.taps);

  std::vector<tensor::NamedTensor> tensors = {{"logits", batch.target.padded(model.logits(hidden.value()))}};
  if (batch.has_labels()) {
    const tensor::Tensor weights = tensor::Tensor::full(batch.labels.shape(), 1.0 / double(batch.counted),
                                                        tensor::acc_dtype(hidden.dtype()), model.device());
    const auto [loss, token_losses] =
        autograd::linear_cross_entropy(hidden, model.shared, model.final_logits_bias, batch.labels, weights);
    tensors.push_back({"token_loss", batch.target.padded(token_losses)});
    tensors.push_back({"loss", loss.value().reshape({1})});
    if (options.grads) {
      autograd::backward(loss);
      append_gradients(tensors, model);
    }
  }
  tensors.insert(tensors.end(), taps.begin(), taps.end());
  return tensors;
}

}  // namespace kilm::exchange
