#include "kilm/trainer.h"

#include <chrono>
#include <cmath>

#include "autograd/engine.h"
#include "autograd/finite.h"
#include "autograd/ops/loss.h"
#include "tensor/format.h"
#include "tensor/random.h"

namespace kilm {

using tensor::Json;

Json to_json(const StepReport& r) {
  Json json = Json::object();
  json.set("step", r.step);
  json.set("epoch", r.epoch);
  json.set("loss", r.loss);
  for (int g = 0; g < kGroups; ++g) json.set(std::string("loss_") + kGroupNames[g], r.group_loss[size_t(g)]);
  json.set("grad_norm", r.grad_norm);
  json.set("lr", r.learning_rate);
  json.set("sequences", r.sequences);
  json.set("tokens_source", r.tokens_source);
  json.set("tokens_target", r.tokens_target);
  json.set("padding_share", 0.0);  // packed: there is none
  json.set("tokens_per_second", double(r.tokens_source + r.tokens_target) / std::max(r.seconds, 1e-9));
  json.set("seconds", r.seconds);
  return json;
}

namespace {

// Steps of config.epochs passes over the data: micro-batches are counted, not estimated, on the first epoch's order.
int64_t steps_of(const TrainConfig& config, const Loader& loader) {
  if (config.steps > 0) return config.steps;
  int64_t micros = 0;
  for (Cursor cursor; cursor.epoch == 0; ++micros) loader.next(cursor);
  return std::max<int64_t>(1, (micros * config.epochs + config.accumulate - 1) / config.accumulate);
}

optim::AdamWConfig adamw_config(const TrainConfig& c, int64_t total_steps) {
  return {.learning_rate = c.learning_rate,
          .beta1 = c.beta1,
          .beta2 = c.beta2,
          .eps = c.eps,
          .weight_decay = c.weight_decay,
          .max_grad_norm = c.max_grad_norm,
          .schedule = {optim::parse_schedule(c.schedule), c.warmup_steps, total_steps}};
}

}  // namespace

Trainer::Trainer(const TrainConfig& config, Bart& model, const InfillObjective& objective, WindowSet windows,
                 TrainState state)
    : config_(config),
      model_(model),
      objective_(objective),
      loader_(windows, objective, {uint64_t(config.seed), config.batch_tokens, config.knowledge}),
      windows_(windows.count),
      state_(state),
      total_steps_(steps_of(config, loader_)),
      parameters_(model),
      optimizer_(parameters_, adamw_config(config, total_steps_)) {
  optimizer_.steps = state.step;
}

Trainer::Micros Trainer::load() {
  Micros micros;
  for (int64_t i = 0; i < config_.accumulate; ++i)
    micros.push_back(MicroBatch::of(loader_.next(state_.cursor), objective_.tokenizer()));
  return micros;
}

// L = sum over groups of w_g S_g / N, or S_g / N_g: counts are of the whole step, so how it is cut into micro-batches
// changes nothing (kilm.md B3).
std::array<double, kGroups> Trainer::group_weights(const Micros& micros) const {
  std::array<int64_t, kGroups> counts{};
  int64_t all = 0;
  for (const MicroBatch& micro : micros) {
    const auto more = micro.counts();
    for (size_t g = 0; g < kGroups; ++g) counts[g] += more[g];
    all += int64_t(micro.groups.size());
  }
  const double wanted[kGroups] = {config_.weight_copy, config_.weight_infill, config_.weight_knowledge};
  std::array<double, kGroups> weights{};
  for (size_t g = 0; g < kGroups; ++g) {
    const int64_t n = config_.normalize == "groups" ? counts[g] : all;
    weights[g] = n > 0 ? wanted[g] / double(n) : 0;
  }
  return weights;
}

void Trainer::run(const MicroBatch& micro, uint32_t number, const std::array<double, kGroups>& weight,
                  StepReport& report) {
  tensor::RandomGuard position({.key = tensor::philox_key(uint64_t(config_.seed), tensor::RandomDomain::dropout),
                                .micro = number,
                                .step = uint32_t(state_.step)});
  std::vector<float> weights;
  for (Group group : micro.groups) weights.push_back(float(weight[size_t(group)]));
  const Tensor weight_tensor = Tensor::from({int64_t(weights.size())}, weights);
  const Recompute recompute = config_.recompute == "layer" ? Recompute::layer : Recompute::none;
  const Variable hidden = model_.forward(micro.source, micro.target, {.training = true}, recompute);
  const auto [loss, token_loss] =
      autograd::linear_cross_entropy(hidden, model_.shared, model_.final_logits_bias, micro.labels, weight_tensor);
  autograd::backward(loss);
  report.loss += loss.value().item();
  const std::vector<float> losses = token_loss.to_vector<float>();
  for (size_t i = 0; i < losses.size(); ++i) report.group_loss[size_t(micro.groups[i])] += losses[i];
  report.sequences += micro.source.sequences();
  report.tokens_source += micro.source.tokens();
  report.tokens_target += micro.target.tokens();
}

StepReport Trainer::step() {
  const auto start = std::chrono::steady_clock::now();
  const Cursor before = state_.cursor;
  const Micros micros = load();
  const std::array<double, kGroups> weight = group_weights(micros);
  StepReport report;
  for (size_t i = 0; i < micros.size(); ++i) run(micros[i], uint32_t(i), weight, report);
  const optim::AdamW::Report update = optimizer_.update();
  if (!update.finite || !std::isfinite(report.loss)) {
    state_.cursor = before;
    explain_non_finite(micros, weight);
  }
  std::array<int64_t, kGroups> counts{};
  for (const MicroBatch& micro : micros)
    for (size_t g = 0; g < kGroups; ++g) counts[g] += micro.counts()[g];
  for (size_t g = 0; g < kGroups; ++g)
    report.group_loss[g] = counts[g] > 0 ? report.group_loss[g] / double(counts[g]) : std::nan("");
  report.step = ++state_.step;
  report.epoch = double(state_.cursor.epoch) + double(state_.cursor.index) / double(windows_);
  report.grad_norm = update.grad_norm;
  report.learning_rate = update.learning_rate;
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

// The weights are those before the step, and everything random is a function of the step: the same numbers come again,
// now with every output and gradient tested.
void Trainer::explain_non_finite(const Micros& micros, const std::array<double, kGroups>& weight) {
  autograd::FiniteCheck check;
  StepReport report;
  for (size_t i = 0; i < micros.size(); ++i) run(micros[i], uint32_t(i), weight, report);
  throw tensor::NonFinite(
      tensor::format("step {}: the gradient norm is not finite, though every gradient is", state_.step + 1));
}

}  // namespace kilm
