// What a step of training would take on a GPU that is not there: each op at the ceilings of the card, and the memory.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kilm/training/plan.h"
#include "kilm/training/step_cost.h"

namespace kilm::training {

struct Card {
  const char* name;
  double bf16_flops, f32_flops;  // per second; bf16 on tensor cores, f32 without them
  double bandwidth;              // bytes per second
  double memory;                 // bytes
  const char* source;            // where the figures are from
};
std::span<const Card> cards();
const Card* find_card(std::string_view name);  // null: there is none of that name

// All calls of an op in a step. A call takes as long as its FLOPs or its bytes, whichever takes longer.
struct OpTime {
  std::string op;
  int64_t calls = 0;
  double bytes = 0, flops = 0, seconds = 0;
};

struct CardPlan {
  std::string model;
  Card card;
  StepShape shape;
  std::vector<OpTime> ops;  // the longest first
  double seconds = 0;       // of all of them
  Plan plan;                // memory
};

// Plans an update of config.accumulate micro-batches of config.batch_tokens tokens, as many of the source as of the
// target, in sequences of `length`. Throws UsageError where not one fits, where the model has fewer positions, or where
// layers are to be run again in backward.
CardPlan card_plan(const std::string& model, const bart::BartConfig& bart, const TrainConfig& config, int64_t length,
                   const Card& card);

base::Json to_json(const CardPlan& plan);
std::string to_text(const CardPlan& plan);

}  // namespace kilm::training
