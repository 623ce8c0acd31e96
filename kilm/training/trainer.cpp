#include "kilm/training/trainer.h"

#include <cmath>
#include <numeric>

#include "autograd/engine.h"
#include "autograd/finite.h"
#include "autograd/ops/loss.h"
#include "tensor/base/format.h"
#include "tensor/random.h"

namespace kilm::training {

namespace {

constexpr int64_t kSkipsInARow = 10;  // at this one training gives up

optim::AdamWConfig adamw_config(const TrainConfig& c, int64_t total_steps) {
  return {.learning_rate = c.learning_rate,
          .beta1 = c.beta1,
          .beta2 = c.beta2,
          .eps = c.eps,
          .weight_decay = c.weight_decay,
          .max_grad_norm = c.max_grad_norm,
          .schedule = {c.schedule, c.warmup_steps, total_steps}};
}

bart::Bart& moved(bart::Bart& model, tensor::Device device) {
  nn::move(model, device);
  return model;
}

}  // namespace

Trainer::Trainer(const TrainConfig& config, bart::Bart& model, int64_t total_steps, TrainState state)
    : config_(config),
      model_(moved(model, config.device)),
      state_(state),
      total_steps_(total_steps),
      parameters_(model, config.dtype == tensor::DType::bf16 ? std::optional(tensor::DType::bf16) : std::nullopt),
      optimizer_(parameters_, adamw_config(config, total_steps)) {
  optimizer_.steps = state.step - state.skipped;
}

// Adds the gradient of one micro-batch, and what it contributes to the report.
void Trainer::run(const batching::MicroBatch& micro, uint32_t number,
                  const std::array<double, objective::kGroups>& weight, StepReport& report) {
  tensor::RandomGuard position({.key = tensor::philox_key(uint64_t(config_.seed), tensor::RandomDomain::dropout),
                                .micro = number,
                                .step = uint32_t(state_.step)});
  std::vector<float> weights;
  for (objective::Group group : micro.groups) weights.push_back(float(weight[size_t(group)]));
  const tensor::Tensor weight_tensor = tensor::Tensor::from({int64_t(weights.size())}, weights, config_.device);
  const autograd::Variable hidden = model_.forward(micro.source, micro.target, {.training = true}, config_.recompute);
  const auto [loss, token_loss] = autograd::linear_cross_entropy(hidden, model_.shared, model_.final_logits_bias,
                                                                 micro.labels.tensor(), weight_tensor);
  autograd::backward(loss);
  report.loss += loss.value().item();
  const std::vector<float> losses = token_loss.to_vector<float>();
  for (size_t i = 0; i < losses.size(); ++i) {
    const size_t group = size_t(micro.groups[i]);
    report.group_loss[group] += losses[i];
    if (report.plain && micro.plain[i]) report.plain->group_loss[group] += losses[i];
  }
  report.sequences += micro.source.sequences.count();
  report.tokens_source += micro.source.tokens();
  report.tokens_target += micro.target.tokens();
}

void Trainer::run(const StepBatch& batch, StepReport& report) {
  for (size_t i = 0; i < batch.micros.size(); ++i) run(batch.micros[i], uint32_t(i), batch.weights, report);
}

StepReport Trainer::accumulate(const StepBatch& batch) {
  StepReport report;
  if (config_.plain_ratio > 0) report.plain.emplace();
  run(batch, report);
  for (size_t g = 0; g < objective::kGroups; ++g) {  // 0 / 0: no token, no loss
    report.group_loss[g] /= double(batch.counts[g]);
    if (!report.plain) continue;
    report.plain->group_loss[g] /= double(batch.plain_counts[g]);
    report.plain->tokens += batch.plain_counts[g];
  }
  return report;
}

void Trainer::update(const StepBatch& batch, StepReport& report) {
  optim::AdamW::Report update{.grad_norm = std::nan(""), .finite = false};
  if (std::isfinite(report.loss)) update = optimizer_.update();
  if (update.finite) {
    state_.skipped_in_a_row = 0;
  } else {
    report.skipped = explain_non_finite(batch);
    if (config_.on_nonfinite == OnNonfinite::stop || state_.skipped_in_a_row + 1 == kSkipsInARow)
      throw base::NonFinite(base::format("step {}: {}", state_.step + 1, report.skipped));
    ++state_.skipped;
    ++state_.skipped_in_a_row;
    update.learning_rate = 0;
  }
  state_.cursor = batch.end;
  report.step = ++state_.step;
  report.epoch = batch.epoch;
  report.grad_norm = update.grad_norm;
  report.learning_rate = update.learning_rate;
}

// The weights are those before the step, and everything random is a function of the step: the same numbers come again,
// now with every output and gradient tested.
std::string Trainer::explain_non_finite(const StepBatch& batch) {
  parameters_.clear();
  StepReport report;
  std::string reason = "a sum over micro-batches is not finite, though every output and gradient is";
  try {
    autograd::FiniteCheck check;
    run(batch, report);
  } catch (const base::NonFinite& error) {
    reason = error.what();
  }
  parameters_.clear();
  return reason;
}

}  // namespace kilm::training
