#include "kilm/training/trainer.h"

#include <array>
#include <cmath>

#include "autograd/engine.h"
#include "autograd/finite.h"
#include "tensor/base/format.h"
#include "tensor/ops/loss.h"
#include "tensor/random.h"
#include "tensor/runtime.h"

namespace kilm::training {

namespace {

constexpr int64_t kSkipsInARow = 10;  // at this one training gives up
constexpr int64_t kGroups = int64_t(objective::kGroups);

optim::AdamWConfig adamw_config(const TrainConfig& c, int64_t total_steps) {
  return {.learning_rate = c.learning_rate,
          .beta1 = c.beta1,
          .beta2 = c.beta2,
          .eps = c.eps,
          .weight_decay = c.weight_decay,
          .max_grad_norm = c.max_grad_norm,
          .schedule = {c.schedule, c.warmup_steps, total_steps}};
}

nn::Module& moved(nn::Module& module, tensor::Device device) {
  nn::move(module, device);
  return module;
}

}  // namespace

Trainer::Trainer(const TrainConfig& config, std::shared_ptr<Loss> loss, int64_t total_steps, TrainState state)
    : config_(config),
      loss_(std::move(loss)),
      state_(state),
      total_steps_(total_steps),
      parameters_(moved(loss_->module(), config.device),
                  config.dtype == tensor::DType::bf16 ? std::optional(tensor::DType::bf16) : std::nullopt),
      optimizer_(parameters_, adamw_config(config, total_steps)),
      sums_(tensor::Tensor::zeros({1 + 2 * kGroups}, tensor::DType::f64, parameters_.working.device())),
      whole_(tensor::Ids::from(std::array<int32_t, 1>{0}, parameters_.working.device())) {
  optimizer_.steps = state.step - state.skipped;
  if (uses_graphs(config)) graphs_.emplace(parameters_);
}

// Does the step of one micro-batch, or what was recorded of it.
void Trainer::run(const batching::MicroBatch& micro, uint32_t number) {
  const tensor::RandomPosition at{.key = tensor::philox_key(uint64_t(config_.seed), tensor::RandomDomain::dropout),
                                  .micro = number,
                                  .step = uint32_t(state_.step)};
  if (!graphs_ || autograd::FiniteCheck::active()) return step(micro, at);  // that check reads every number
  loss_->check(micro);                                                      // a replay checks nothing
  graphs_->run(micro, at, [this](const auto&... of_step) { step(of_step...); });
}

// Adds the gradient of one micro-batch, and its losses to the sums.
void Trainer::step(const batching::MicroBatch& micro, const tensor::RandomPosition& at) {
  const tensor::RandomGuard position(at);
  const auto [loss, row_losses] = loss_->of(micro, config_.recompute);
  autograd::backward(loss);
  const auto add = [&](int64_t first, int64_t count, const tensor::Tensor& losses, const tensor::Ids& groups) {
    tensor::Tensor sums = sums_.narrow(0, first, count);
    tensor::group_sums_(sums, losses, groups);
  };
  add(0, 1, loss.value().reshape({1}), whole_);
  if (micro.group_ids.defined()) add(1, kGroups, row_losses, micro.group_ids);
  if (config_.plain_ratio > 0) add(1 + kGroups, kGroups, row_losses, micro.plain_ids);
}

void Trainer::accumulate(const StepBatch& batch) {
  if (batch.arrived) batch.arrived->wait_in(tensor::current_stream(sums_.device()));
  sums_.fill(0);
  for (size_t i = 0; i < batch.micros.size(); ++i) run(batch.micros[i], uint32_t(i));
}

// Returns what the sums and counts of the step come to.
StepReport Trainer::report_of(const StepBatch& batch, const optim::AdamW::Report& update) const {
  StepReport report{.loss = update.losses[0], .grad_norm = update.grad_norm, .learning_rate = update.learning_rate};
  if (config_.plain_ratio > 0) report.plain.emplace();
  for (size_t g = 0; g < objective::kGroups; ++g) {  // 0 / 0: no token, no loss
    report.group_loss[g] = update.losses[1 + g] / double(batch.counts[g]);
    if (!report.plain) continue;
    report.plain->group_loss[g] = update.losses[1 + objective::kGroups + g] / double(batch.plain_counts[g]);
    report.plain->tokens += batch.plain_counts[g];
  }
  for (const batching::MicroBatch& micro : batch.micros) {
    report.sequences += micro.sequences;
    report.tokens_source += micro.tokens_source;
    report.tokens_target += micro.tokens_target;
  }
  if (!std::isfinite(report.loss)) report.grad_norm = std::nan("");
  if (!update.finite) report.learning_rate = 0;
  return report;
}

StepReport Trainer::update(const StepBatch& batch) {
  const optim::AdamW::Report update = optimizer_.update(sums_);
  StepReport report = report_of(batch, update);
  if (update.finite) {
    state_.skipped_in_a_row = 0;
  } else {
    report.skipped = explain_non_finite(batch);
    if (config_.on_nonfinite == OnNonfinite::stop || state_.skipped_in_a_row + 1 == kSkipsInARow)
      throw base::NonFinite(base::format("step {}: {}", state_.step + 1, report.skipped));
    ++state_.skipped;
    ++state_.skipped_in_a_row;
  }
  state_.cursor = batch.end;
  report.step = ++state_.step;
  report.epoch = batch.epoch;
  return report;
}

// Runs the step once more. The weights are those before it, and everything random is a function of the step. So the
// same numbers come again, now with every output and gradient tested.
std::string Trainer::explain_non_finite(const StepBatch& batch) {
  parameters_.clear();
  std::string reason = "a sum over micro-batches is not finite, though every output and gradient is";
  try {
    autograd::FiniteCheck check;
    accumulate(batch);
  } catch (const base::NonFinite& error) {
    reason = error.what();
  }
  parameters_.clear();
  return reason;
}

}  // namespace kilm::training
