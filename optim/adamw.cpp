#include "optim/adamw.h"

#include <cmath>

#include "tensor/ops/reduce.h"
#include "tensor/ops/update.h"

namespace optim {

AdamW::AdamW(FlatParameters& parameters, AdamWConfig config) : parameters_(parameters), config_(config) {
  config_.schedule.check();
}

AdamW::Report AdamW::update() {
  FlatParameters& p = parameters_;
  p.verify();
  p.zero_untouched();
  const Tensor square = tensor::square_norm(p.grad);
  const Tensor clip = tensor::clip_factor(square, config_.max_grad_norm);
  Report report{.grad_norm = std::sqrt(square.item()),
                .learning_rate = config_.learning_rate * config_.schedule.factor(steps)};
  report.finite = std::isfinite(report.grad_norm);
  p.clear();
  if (!report.finite) return report;
  ++steps;
  const Tensor rate = Tensor::full({1}, report.learning_rate, DType::f64, p.grad.device());
  tensor::AdamWOptions options{.beta1 = config_.beta1, .beta2 = config_.beta2, .eps = config_.eps, .step = steps};
  // Neighbours with the same decay are one launch: a layer has few changes between weights and biases.
  for (size_t i = 0; i < p.slices().size();) {
    size_t end = i + 1;
    while (end < p.slices().size() && p.slices()[end].decay == p.slices()[i].decay) ++end;
    const int64_t begin = p.slices()[i].begin;
    const int64_t count = (end < p.slices().size() ? p.slices()[end].begin : p.size()) - begin;
    options.weight_decay = p.slices()[i].decay ? config_.weight_decay : 0;
    Tensor working = p.working.narrow(0, begin, count), master = p.master.narrow(0, begin, count);
    Tensor m = p.m.narrow(0, begin, count), v = p.v.narrow(0, begin, count);
    tensor::adamw(working, master, m, v, p.grad.narrow(0, begin, count), rate, clip, options);
    i = end;
  }
  return report;
}

}  // namespace optim
