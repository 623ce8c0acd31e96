#include "kilm/training/card_plan.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"

using doctest::Approx;
using namespace kilm::training;

namespace {

TrainConfig two_times_32k() {
  TrainConfig config;
  config.dtype = tensor::DType::bf16;
  config.batch_tokens = 65536;
  config.accumulate = 1;
  return config;
}

CardPlan plan_of(const kilm::bart::BartConfig& bart, const TrainConfig& config, int64_t length = 512,
                 const char* card = "h200") {
  return card_plan("bart", bart, config, length, *find_card(card));
}

}  // namespace

TEST_CASE("a step on an H200 takes at least 49 ms for bart-base and 137 ms for bart-large") {
  const CardPlan base = plan_of(kilm::bart::bart_base(), two_times_32k());
  CHECK(base.shape.sequences == 64);
  CHECK(base.seconds == Approx(0.049).epsilon(0.01));
  CHECK(base.plan.bytes() <= 20e9);
  const CardPlan large = plan_of(kilm::bart::bart_large(), two_times_32k());
  CHECK(large.seconds == Approx(0.137).epsilon(0.01));
  CHECK(large.plan.bytes() <= 46e9);
}

TEST_CASE("a plan for a card has every op once, the longest first, and shares that sum to one") {
  const CardPlan plan = plan_of(kilm::bart::bart_base(), two_times_32k());
  REQUIRE(plan.ops.size() > 15);
  CHECK(plan.ops[0].op == "matmul");
  double sum = 0;
  for (size_t i = 0; i < plan.ops.size(); ++i) {
    sum += plan.ops[i].seconds;
    if (i > 0) CHECK(plan.ops[i].seconds <= plan.ops[i - 1].seconds);
    for (size_t j = 0; j < i; ++j) CHECK(plan.ops[i].op != plan.ops[j].op);
  }
  CHECK(sum == Approx(plan.seconds));
}

TEST_CASE("a card's time follows its ceilings: bytes where they last longer, FLOPs elsewhere") {
  const TrainConfig config = two_times_32k();
  const auto seconds = [&](const char* card, const char* op) {
    for (const OpTime& row : plan_of(kilm::bart::bart_base(), config, 512, card).ops)
      if (row.op == op) return row.seconds;
    return 0.0;
  };
  CHECK(seconds("a100", "adamw") / seconds("h200", "adamw") == Approx(4.3 / 2.039));
  CHECK(seconds("a100", "attention_backward") / seconds("h100", "attention_backward") ==
        Approx(989.0 / 312).epsilon(0.2));
  TrainConfig exact = config;
  exact.dtype = tensor::DType::f32;
  CHECK(plan_of(kilm::bart::bart_base(), exact).seconds > 8 * plan_of(kilm::bart::bart_base(), config).seconds);
}

TEST_CASE("a plan for a card refuses what it cannot tell") {
  const kilm::bart::BartConfig bart = kilm::bart::bart_base();
  TrainConfig config = two_times_32k();
  CHECK(find_card("v100") == nullptr);
  CHECK_THROWS_WITH_AS(plan_of(bart, config, 1025), "length: 1025 should be 1 to 1024, the positions of the model",
                       base::UsageError);
  CHECK_THROWS_AS(plan_of(bart, config, 0), base::UsageError);
  config.batch_tokens = 1023;
  CHECK_THROWS_AS(plan_of(bart, config, 512), base::UsageError);
  config.batch_tokens = 1024;
  CHECK(plan_of(bart, config, 512).shape.sequences == 1);
  config.recompute = nn::Recompute::layer;
  CHECK_THROWS_AS(plan_of(bart, config, 512), base::UsageError);
}
