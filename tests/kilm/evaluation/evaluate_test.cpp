#include "kilm/evaluation/evaluate.h"

#include <doctest/doctest.h>

#include <cmath>

#include "autograd/ops/loss.h"
#include "kilm/batching/packing.h"
#include "kilm/evaluation/describe.h"
#include "kilm/metrics/rouge.h"
#include "tests/kilm/bart_fixture.h"
#include "tests/kilm/vocabulary.h"
#include "tests/second_device.h"

using doctest::Approx;
using kilm::evaluation::EvaluateOptions;
using kilm::evaluation::Score;

namespace {

// Sentences with none, one or several mentions.
struct Sentences {
  std::vector<std::string> texts = {"Ann met Bob", "no one", "Bob", "by Ann"};
  std::vector<std::vector<kilm::dataset::Mention>> mentions = {
      {{0, 3, "A", "she"}, {8, 11, "B", "he"}}, {}, {{0, 3, "B", "he"}}, {{3, 6, "A", "she"}}};

  kilm::dataset::WindowSet windows() const {
    return {int64_t(texts.size()), [this](int64_t i) {
              return kilm::dataset::Window{texts[size_t(i)], mentions[size_t(i)]};
            }};
  }
};

bool same(const Score& a, const Score& b) {
  return kilm::evaluation::to_json(a).dump() == kilm::evaluation::to_json(b).dump();
}

struct World {
  kilm::tokenizer::Tokenizer tokenizer = tokenizer_of_kilm();
  kilm::bart::Bart model = tests::small_bart(tensor::DType::f32, tokenizer.size());
  kilm::objective::InfillObjective objective{tokenizer, {.max_length = 48}};
  Sentences sentences;

  kilm::objective::Example example(int64_t window, uint64_t seed) const {
    const kilm::objective::SampleId id{seed, uint32_t(window), 0};
    const auto& mentions = sentences.mentions[size_t(window)];
    return objective.make(sentences.texts[size_t(window)], objective.choose(mentions, id), id);
  }
};

}  // namespace

TEST_CASE("losses are means over the tokens of a group, whatever they are packed with") {
  const World world;
  double sums[kilm::objective::kGroups] = {};
  int counts[kilm::objective::kGroups] = {};
  for (int64_t i = 0; i < 4; ++i) {
    const kilm::objective::Example example = world.example(i, 5);
    const kilm::batching::MicroBatch batch = kilm::batching::MicroBatch::of({&example, 1}, world.tokenizer);
    const autograd::NoGrad no_grad;
    const tensor::Tensor logits =
        world.model.logits(world.model.forward(batch.source, batch.target, nn::Mode::evaluation).value());
    const std::vector<float> loss = autograd::cross_entropy(logits, batch.labels).value().to_vector<float>();
    for (size_t t = 0; t < loss.size(); ++t) {
      sums[int(example.groups[t])] += loss[t];
      ++counts[int(example.groups[t])];
    }
  }
  const EvaluateOptions options{.seed = 5};
  const Score score = *kilm::evaluation::evaluate(world.model, world.objective, world.sentences.windows(), options);
  CHECK(score.copy_loss == Approx(sums[0] / counts[0]).epsilon(1e-5));
  CHECK(score.infill_loss == Approx(sums[1] / counts[1]).epsilon(1e-5));
  CHECK(score.knowledge_loss == Approx(sums[2] / counts[2]).epsilon(1e-5));
  EvaluateOptions small_batches = options;
  small_batches.batch_tokens = 1;
  CHECK(
      same(score, *kilm::evaluation::evaluate(world.model, world.objective, world.sentences.windows(), small_batches)));
  CHECK(
      !same(score, *kilm::evaluation::evaluate(world.model, world.objective, world.sentences.windows(), {.seed = 6})));
}

TEST_CASE("plain text is scored without anybody's knowledge") {
  World world;
  const EvaluateOptions options{.seed = 5};
  const kilm::evaluation::PlainScore plain =
      *kilm::evaluation::evaluate_plain(world.model, world.objective, world.sentences.windows(), options);
  for (auto& mentions : world.sentences.mentions) mentions.clear();
  const Score score = *kilm::evaluation::evaluate(world.model, world.objective, world.sentences.windows(), options);
  CHECK(plain.infill_loss == score.infill_loss);
  CHECK(plain.copy_loss == score.copy_loss);
}

TEST_CASE("every mention is asked for, or as many as were wanted") {
  const World world;
  const auto mentions = [&](const EvaluateOptions& options) {
    return kilm::evaluation::evaluate(world.model, world.objective, world.sentences.windows(), options)->mentions;
  };
  CHECK(mentions({}) == 4);
  CHECK(mentions({.mentions = 3}) == 3);
  CHECK(mentions({.windows = 1}) == 2);
  CHECK(mentions({.windows = 100, .mentions = 100}) == 4);

  World many;
  many.sentences.mentions[2].assign(14, many.sentences.mentions[2][0]);
  CHECK(kilm::evaluation::evaluate(many.model, many.objective, many.sentences.windows(), {})->mentions == 13);
  CHECK(kilm::evaluation::evaluate(many.model, many.objective, many.sentences.windows(), {})->said.size() == 8);
}

TEST_CASE("without mentions there are no shares, and no knowledge to lose on") {
  World world;
  for (auto& mentions : world.sentences.mentions) mentions.clear();
  const base::Json json = kilm::evaluation::to_json(
      *kilm::evaluation::evaluate(world.model, world.objective, world.sentences.windows(), {}));
  CHECK(json.at("mentions").as_int() == 0);
  CHECK(std::isnan(json.at("title_em").as_number()));
  CHECK(std::isnan(json.at("knowledge_loss").as_number()));
  CHECK(json.at("copy_loss").as_number() > 0);
}

// Here the truth follows the model: what it says, in letters, is made the answer.
TEST_CASE("shares count the mentions whose title and description are exactly right") {
  World world;
  for (const int32_t id : world.tokenizer.encode("abcdefghijklmnopqrstuvwxyz"))
    world.model.final_logits_bias.narrow(1, id, 1).fill(9);
  for (const int64_t beams : {1, 3}) {
    kilm::generation::GenerateOptions search = kilm::evaluation::describe_options(world.tokenizer, world.model.config);
    search.num_beams = beams;
    std::vector<kilm::evaluation::Description> said;
    double rouge = 0;
    for (size_t i = 0; i < 4; ++i)
      for (const kilm::dataset::Mention& mention : world.sentences.mentions[i]) {
        const kilm::evaluation::MentionQuery query{world.sentences.texts[i], mention.begin, mention.end};
        said.push_back(kilm::evaluation::describe(world.model, world.objective, {&query, 1}, search)[0][0]);
      }
    REQUIRE(said.size() == 4);
    said[1].title += "?";
    said[2].description += " or not";
    said[3].description += " or not";
    size_t next = 0;
    for (auto& mentions : world.sentences.mentions)
      for (kilm::dataset::Mention& mention : mentions) {
        mention.title = said[next].title;
        mention.description = said[next].description;
        ++next;
      }
    const Score score =
        *kilm::evaluation::evaluate(world.model, world.objective, world.sentences.windows(), {.num_beams = beams});
    CHECK(score.mentions == 4);
    CHECK(score.title_em == 0.75);
    CHECK(score.description_em == 0.5);
    REQUIRE(score.said.size() == 4);
    CHECK(score.said[1].mention == "Bob");
    CHECK(score.said[1].title + "?" == score.said[1].gold_title);
    CHECK(score.said[1].description == score.said[1].gold_description);
    for (size_t i = 0; i < 4; ++i) {
      const std::string& answer = said[i].description;
      rouge += kilm::metrics::rouge_l(i < 2 ? answer : answer.substr(0, answer.size() - 7), answer,
                                      kilm::metrics::Stemming::none) /
               4;
    }
    CHECK(score.description_rouge_l == Approx(rouge));
    CHECK(rouge > 0);
  }
}

TEST_CASE("an evaluation that is asked to stop between any two batches has no result") {
  const World world;
  int64_t asked = 0, stop_at = -1;
  EvaluateOptions options{.batch_tokens = 1, .stop = [&] { return asked++ == stop_at; }};
  const auto score = [&] {
    asked = 0;
    return kilm::evaluation::evaluate(world.model, world.objective, world.sentences.windows(), options);
  };
  const auto plain = [&] {
    asked = 0;
    return kilm::evaluation::evaluate_plain(world.model, world.objective, world.sentences.windows(), options);
  };
  REQUIRE(plain());
  CHECK(asked == 4);  // a batch for each window
  const std::optional<Score> whole = score();
  REQUIRE(whole);
  const int64_t all = asked;
  CHECK(all > 4 + 4);  // and more than one token for each of four descriptions
  for (stop_at = 0; stop_at < all; ++stop_at) {
    CHECK(!score());
    CHECK(asked == stop_at + 1);  // nothing was done after that
    CHECK(plain().has_value() == (stop_at >= 4));
  }
  CHECK(same(*score(), *whole));
}

TEST_CASE("a model on another device has the same score") {
  const tests::SecondDevice second;
  World world;
  const EvaluateOptions options{.seed = 5, .num_beams = 2};
  const Score here = *kilm::evaluation::evaluate(world.model, world.objective, world.sentences.windows(), options);
  const auto plain =
      *kilm::evaluation::evaluate_plain(world.model, world.objective, world.sentences.windows(), options);
  nn::move(world.model, second.device);
  const Score there = *kilm::evaluation::evaluate(world.model, world.objective, world.sentences.windows(), options);
  CHECK(same(here, there));
  REQUIRE(here.said.size() == there.said.size());
  for (size_t i = 0; i < here.said.size(); ++i)
    CHECK(kilm::evaluation::to_json(here.said[i]) == kilm::evaluation::to_json(there.said[i]));
  CHECK(
      kilm::evaluation::evaluate_plain(world.model, world.objective, world.sentences.windows(), options)->infill_loss ==
      plain.infill_loss);
  nn::move(world.model, {});
}
