#include "optim/adamw.h"

#include <cmath>

#include "tensor/ops/reduce.h"
#include "tensor/ops/update.h"

namespace optim {

namespace {

// Returns the numbers of f64 lists one after another. They come to the host as one, so it waits once.
std::vector<double> read_together(std::initializer_list<Tensor> lists) {
  int64_t count = 0;
  for (const Tensor& list : lists) count += list.defined() ? list.numel() : 0;
  const Tensor all = Tensor::empty({count}, DType::f64, lists.begin()->device());
  int64_t begin = 0;
  for (const Tensor& list : lists) {
    if (!list.defined()) continue;
    all.narrow(0, begin, list.numel()).copy_from(list);
    begin += list.numel();
  }
  return all.to_vector<double>();
}

}  // namespace

AdamW::AdamW(FlatParameters& parameters, AdamWConfig config) : parameters_(parameters), config_(config) {
  config_.schedule.check();
}

AdamW::Report AdamW::update(const Tensor& losses) {
  FlatParameters& p = parameters_;
  p.verify();
  p.zero_untouched();
  const double rate = config_.learning_rate * config_.schedule.factor(steps);
  const Tensor square = tensor::square_norm(p.grad);
  const Tensor clip = tensor::clip_factor(square, config_.max_grad_norm, losses);
  tensor::adamw(p.working, p.master, p.m, p.v, p.grad, clip,
                {.learning_rate = rate,
                 .beta1 = config_.beta1,
                 .beta2 = config_.beta2,
                 .eps = config_.eps,
                 .weight_decay = config_.weight_decay,
                 .decayed = p.decayed(),
                 .step = steps + 1});
  p.clear();
  const std::vector<double> numbers = read_together({square, clip, losses});
  Report report{.grad_norm = std::sqrt(numbers[0]), .learning_rate = rate, .finite = numbers[1] > 0};
  report.losses.assign(numbers.begin() + 2, numbers.end());
  steps += report.finite;
  return report;
}

}  // namespace optim
