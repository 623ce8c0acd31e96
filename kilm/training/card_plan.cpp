#include "kilm/training/card_plan.h"

#include <algorithm>
#include <map>

#include "tensor/base/format.h"

namespace kilm::training {

namespace {

using base::check;
using base::format;
using base::Json;
using base::UsageError;

constexpr Card kCards[] = {
    {"a100", 312e12, 19.5e12, 2.039e12, 80e9, "published, SXM with 80 GB"},
    {"h100", 989e12, 67e12, 3.35e12, 80e9, "published, SXM with 80 GB"},
    {"h200", 790e12, 67e12, 4.3e12, 141e9, "bf16 products and copies measured, the rest published"},
};

double flops_of(const Card& card, tensor::DType dtype) {
  return dtype == tensor::DType::bf16 ? card.bf16_flops : card.f32_flops;
}

double seconds_of(const OpCost& cost, const Card& card, tensor::DType dtype) {
  return double(cost.calls) * std::max(cost.bytes / card.bandwidth, cost.flops / flops_of(card, dtype));
}

// Returns how many rows of logits are there at once, as in tensor/cuda/loss.cu: all where they take no more than 4 GiB.
int64_t logit_rows(int64_t rows, int64_t columns, tensor::DType dtype) {
  const int64_t fitting = (int64_t(4) << 30) / (columns * int64_t(tensor::size_of(dtype)));
  return rows <= fitting ? rows : std::min<int64_t>(fitting, 8192);
}

StepShape step_shape(const bart::BartConfig& bart, const TrainConfig& config, int64_t length) {
  check<UsageError>(length >= 1 && length <= bart.max_position_embeddings,
                    "length: {} should be 1 to {}, the positions of the model", length, bart.max_position_embeddings);
  check<UsageError>(config.batch_tokens >= 2 * length,
                    "batch_tokens: {} should be at least {}, a source and a target of {} tokens", config.batch_tokens,
                    2 * length, length);
  check<UsageError>(config.recompute == nn::Recompute::none,
                    "recompute: {} should be none where a step is planned for a card", name(config.recompute));
  const int64_t sequences = config.batch_tokens / (2 * length);
  return {.sequences = sequences,
          .source = length,
          .target = length,
          .micros = config.accumulate,
          .logit_rows = logit_rows(sequences * length, bart.vocab_size, config.dtype),
          .dtype = config.dtype};
}

std::vector<OpTime> by_op(const std::vector<OpCost>& costs, const Card& card, tensor::DType dtype) {
  std::map<std::string, OpTime> rows;
  for (const OpCost& cost : costs) {
    OpTime& row = rows[cost.op];
    row.op = cost.op;
    row.calls += cost.calls;
    row.bytes += double(cost.calls) * cost.bytes;
    row.flops += double(cost.calls) * cost.flops;
    row.seconds += seconds_of(cost, card, dtype);
  }
  std::vector<OpTime> ops;
  for (const auto& [op, row] : rows) ops.push_back(row);
  std::stable_sort(ops.begin(), ops.end(), [](const OpTime& a, const OpTime& b) { return a.seconds > b.seconds; });
  return ops;
}

}  // namespace

std::span<const Card> cards() { return kCards; }

const Card* find_card(std::string_view name) {
  for (const Card& card : kCards)
    if (name == card.name) return &card;
  return nullptr;
}

CardPlan card_plan(const std::string& model, const bart::BartConfig& bart, const TrainConfig& config, int64_t length,
                   const Card& card) {
  CardPlan result{.model = model, .card = card, .shape = step_shape(bart, config, length)};
  std::vector<OpCost> costs = step_cost(bart, result.shape);
  // On a card the order of ids comes with the micro-batch.
  std::erase_if(costs, [](const OpCost& cost) { return std::string_view(cost.op) == "sort_ids"; });
  result.ops = by_op(costs, card, config.dtype);
  for (const OpCost& cost : costs) result.seconds += seconds_of(cost, card, config.dtype);
  result.plan = plan(bart, config, pass_of(double(config.accumulate * config.batch_tokens), config));
  return result;
}

Json to_json(const CardPlan& p) {
  Json ops = Json::array();
  for (const OpTime& row : p.ops)
    ops.push_back(Json::object({{"op", row.op},
                                {"calls", row.calls},
                                {"bytes", row.bytes},
                                {"flops", row.flops},
                                {"seconds", row.seconds},
                                {"share", row.seconds / p.seconds}}));
  return Json::object({{"model", p.model},
                       {"weights", p.plan.weights},
                       {"device", p.card.name},
                       {"ceilings", Json::object({{"flops", flops_of(p.card, p.shape.dtype)},
                                                  {"bandwidth", p.card.bandwidth},
                                                  {"memory", p.card.memory},
                                                  {"source", p.card.source}})},
                       {"dtype", name(p.shape.dtype)},
                       {"sequences", p.shape.sequences},
                       {"length", p.shape.source},
                       {"accumulate", p.shape.micros},
                       {"seconds", p.seconds},
                       {"ops", ops},
                       {"weight_bytes", p.plan.weight_bytes},
                       {"gradient_bytes", p.plan.gradient_bytes},
                       {"optimizer_bytes", p.plan.optimizer_bytes},
                       {"activation_bytes", p.plan.activation_bytes},
                       {"bytes", p.plan.bytes()},
                       {"fits", p.plan.bytes() <= p.card.memory}});
}

std::string to_text(const CardPlan& p) {
  const double tokens = double(p.shape.micros * p.shape.sequences * (p.shape.source + p.shape.target));
  std::string out = format("{}, {:.1f} million weights, {} on {}: {:.4g} TFLOP/s, {:.4g} TB/s ({})\n", p.model,
                           double(p.plan.weights) / 1e6, name(p.shape.dtype), p.card.name,
                           flops_of(p.card, p.shape.dtype) / 1e12, p.card.bandwidth / 1e12, p.card.source);
  out += format("an update of {} micro-batch{} of {} sequences of {} source and {} target tokens\n", p.shape.micros,
                p.shape.micros == 1 ? "" : "es", p.shape.sequences, p.shape.source, p.shape.target);
  out += format("{:<34}{:>7}{:>11}{:>10}{:>10}{:>8}\n", "op", "calls", "GB", "TFLOP", "ms", "share");
  for (const OpTime& row : p.ops)
    out += format("{:<34}{:>7}{:>11.3f}{:>10.3f}{:>10.3f}{:>7.1f}%\n", row.op, row.calls, row.bytes / 1e9,
                  row.flops / 1e12, row.seconds * 1e3, 100 * row.seconds / p.seconds);
  out += format("time     {:.4g} ms at least, {:.3g} tokens/s\n", p.seconds * 1e3, tokens / p.seconds);
  out += format(
      "memory   {:.3g} GB: weights {:.3g}, gradients {:.3g}, optimizer {:.3g}, activations {:.3g}; {:.4g} GB {}\n",
      p.plan.bytes() / 1e9, p.plan.weight_bytes / 1e9, p.plan.gradient_bytes / 1e9, p.plan.optimizer_bytes / 1e9,
      p.plan.activation_bytes / 1e9, p.card.memory / 1e9,
      p.plan.bytes() <= p.card.memory ? "is enough" : "is too little");
  return out;
}

}  // namespace kilm::training
