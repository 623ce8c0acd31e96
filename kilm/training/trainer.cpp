#include "kilm/training/trainer.h"

#include <chrono>
#include <cmath>
#include <numeric>

#include "autograd/engine.h"
#include "autograd/finite.h"
#include "autograd/ops/loss.h"
#include "tensor/base/format.h"
#include "tensor/random.h"

namespace kilm::training {

using base::Json;

double tokens_per_second(const StepReport& r) {
  return double(r.tokens_source + r.tokens_target) / std::max(r.seconds, 1e-9);
}

Json to_json(const StepReport& r) {
  Json json = Json::object();
  json.set("step", r.step);
  json.set("epoch", r.epoch);
  json.set("loss", r.loss);
  for (int g = 0; g < objective::kGroups; ++g)
    json.set(std::string("loss_") + objective::kGroupNames[g], r.group_loss[size_t(g)]);
  json.set("grad_norm", r.grad_norm);
  json.set("lr", r.learning_rate);
  json.set("sequences", r.sequences);
  json.set("tokens_source", r.tokens_source);
  json.set("tokens_target", r.tokens_target);
  json.set("padding_share", 0.0);  // packed: there is none
  json.set("tokens_per_second", tokens_per_second(r));
  json.set("seconds", r.seconds);
  if (r.plain) {
    const auto& [tokens, loss] = *r.plain;
    json.set("tokens_plain", std::accumulate(tokens.begin(), tokens.end(), int64_t(0)));
    for (const objective::Group group : kPlainGroups)
      json.set(std::string("loss_plain_") + objective::kGroupNames[size_t(group)], loss[size_t(group)]);
  }
  if (r.spike) json.set("spike", Json::object({{"median", r.spike->median}, {"deviation", r.spike->deviation}}));
  if (!r.skipped.empty()) json.set("skipped", r.skipped);
  return json;
}

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

}  // namespace

Trainer::Trainer(const TrainConfig& config, bart::Bart& model, const objective::InfillObjective& objective,
                 dataset::TrainingWindows windows, TrainState state)
    : config_(config),
      model_(model),
      loader_(config, objective, std::move(windows)),
      state_(state),
      total_steps_(loader_.total_steps()),
      parameters_(model, config.dtype == tensor::DType::bf16 ? std::optional(tensor::DType::bf16) : std::nullopt),
      optimizer_(parameters_, adamw_config(config, total_steps_)) {
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
  const tensor::Tensor weight_tensor = tensor::Tensor::from({int64_t(weights.size())}, weights);
  const autograd::Variable hidden = model_.forward(micro.source, micro.target, {.training = true}, config_.recompute);
  const auto [loss, token_loss] =
      autograd::linear_cross_entropy(hidden, model_.shared, model_.final_logits_bias, micro.labels, weight_tensor);
  autograd::backward(loss);
  report.loss += loss.value().item();
  const std::vector<float> losses = token_loss.to_vector<float>();
  for (size_t i = 0; i < losses.size(); ++i) {
    const size_t group = size_t(micro.groups[i]);
    report.group_loss[group] += losses[i];
    if (!report.plain || !micro.plain[i]) continue;
    report.plain->group_loss[group] += losses[i];
    ++report.plain->tokens[group];
  }
  report.sequences += micro.source.sequences();
  report.tokens_source += micro.source.tokens();
  report.tokens_target += micro.target.tokens();
}

void Trainer::run(const StepBatch& batch, StepReport& report) {
  for (size_t i = 0; i < batch.micros.size(); ++i) run(batch.micros[i], uint32_t(i), batch.weights, report);
}

StepReport Trainer::step(const std::function<void()>& before_update) {
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now();
  batching::Cursor cursor = state_.cursor;
  const StepBatch batch = loader_.next(cursor);
  StepReport report;
  if (config_.plain_ratio > 0) report.plain.emplace();
  run(batch, report);
  const Clock::time_point ready = Clock::now();
  before_update();
  start += Clock::now() - ready;
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
  state_.cursor = cursor;
  report.step = ++state_.step;
  report.epoch = double(cursor.epoch) + double(cursor.index) / double(loader_.windows());
  for (size_t g = 0; g < objective::kGroups; ++g) {  // 0 / 0: no token, no loss
    report.group_loss[g] /= double(batch.counts[g]);
    if (report.plain) report.plain->group_loss[g] /= double(report.plain->tokens[g]);
  }
  report.grad_norm = update.grad_norm;
  report.learning_rate = update.learning_rate;
  report.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return report;
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
