#include "kilm/training/run_evaluation.h"

#include <doctest/doctest.h>

#include "kilm/training/step_batch.h"
#include "tests/kilm/small_data.h"
#include "tests/kilm/toy.h"

using doctest::Approx;
using kilm::dataset::Split;
using kilm::training::Evaluation;
using kilm::training::RunData;
using kilm::training::TrainConfig;

namespace {

struct Place {
  SmallData data;
  TrainConfig config = toy::train_config();
  kilm::bart::BartFolder folder = toy::bart();
  kilm::tokenizer::Tokenizer tokenizer = toy::tokenizer();
  Place() {
    config.data = data.data;
    config.eval_windows = 4;
    config.eval_mentions = 2;
    config.weight_copy = 2;
    config.weight_infill = 3;
    config.weight_knowledge = 5;
  }
  std::optional<Evaluation> evaluate(const std::function<bool()>& stop = [] { return false; }) const {
    const RunData windows(config);
    const kilm::objective::InfillObjective objective(tokenizer, kilm::training::infill_config(config));
    return kilm::training::evaluation_on(windows, config)(folder.model, objective, 7, stop);
  }
};

}  // namespace

TEST_CASE("an evaluation scores each split, and the unseen one decides with the weights of training") {
  Place place;
  const auto weighted = [](const auto& s) { return 2 * s.copy_loss + 3 * s.infill_loss; };
  const Evaluation one = place.evaluate().value();
  REQUIRE(one.records.size() == 3);
  const Split splits[] = {Split::seen, Split::unseen, Split::held_out};
  for (size_t i = 0; i < 3; ++i) {
    CHECK(one.records[i].step == 7);
    CHECK(one.records[i].split == splits[i]);
    CHECK(one.records[i].score.mentions == 2);
    CHECK(!one.records[i].plain);
  }
  const kilm::evaluation::Score& unseen = one.records[1].score;
  CHECK(one.loss == Approx(weighted(unseen) + 5 * unseen.knowledge_loss));

  place.config.plain_ratio = 0.25;
  const Evaluation both = place.evaluate().value();
  REQUIRE(both.records[1].plain);
  CHECK(both.loss == Approx(0.75 * one.loss + 0.25 * weighted(*both.records[1].plain)));

  place.config.plain_ratio = 0;
  place.config.knowledge_side = kilm::objective::KnowledgeSide::source;  // knowledge is given, not asked for
  const Evaluation given = place.evaluate().value();
  CHECK(given.loss == Approx(weighted(given.records[1].score)));
}

TEST_CASE("an evaluation that is asked to stop leaves nothing, wherever it is") {
  Place place;
  place.config.plain_ratio = 0.5;
  int64_t asked = 0, stop_at = -1;
  const auto stop = [&] { return asked++ == stop_at; };
  REQUIRE(place.evaluate(stop));
  const int64_t all = asked;
  CHECK(all > 3 * 3);
  for (stop_at = 0; stop_at < all; stop_at += 1 + all / 20) {
    asked = 0;
    CHECK(!place.evaluate(stop));
    CHECK(asked == stop_at + 1);
  }
}
