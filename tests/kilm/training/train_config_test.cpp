#include "kilm/training/train_config.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"

using base::Json;
using kilm::training::TrainConfig;

TEST_CASE("settings that are written and read again are the same") {
  TrainConfig config;
  config.data = "data";
  config.knowledge = false;
  config.learning_rate = 0.1 + 0.2;
  config.schedule = optim::ScheduleKind::cosine;
  const Json json = kilm::training::to_json(config);
  CHECK(kilm::training::to_json(kilm::training::train_config_from_json(base::parse_json(json.dump(), "x"), "x")) ==
        json);
  Json broken = json;
  broken.set("steps", "many");
  CHECK_THROWS_WITH_AS(kilm::training::train_config_from_json(broken, "resolved.json"),
                       "resolved.json: steps: expected an integer, found a string", base::DamagedInput);
}

TEST_CASE("the preset kilm is the published recipe") {
  const TrainConfig config = kilm::training::preset("kilm");
  CHECK(config.epochs == 10);
  CHECK(config.batch_tokens * config.accumulate == 2 * 512 * 1024);  // 1,024 sequences and their targets
  CHECK(config.learning_rate == 5e-5);
  CHECK(config.schedule == optim::ScheduleKind::linear);
  CHECK(config.weight_decay == 0.01);
  CHECK(config.mask_rate == 0.3);
  CHECK_THROWS_WITH_AS(kilm::training::preset("quick"), "preset: quick should be kilm", base::UsageError);
}

TEST_CASE("loss weights that leave nothing to learn are refused") {
  const auto refused = [](const auto& change) {
    TrainConfig config;
    change(config);
    try {
      kilm::training::check(config);
    } catch (const base::UsageError& error) {
      return std::string(error.what()).starts_with("loss weights: ");
    }
    return false;
  };
  CHECK(refused([](TrainConfig& c) { c.weight_copy = c.weight_infill = c.weight_knowledge = 0; }));
  CHECK(!refused([](TrainConfig& c) { c.weight_copy = c.weight_infill = 0; }));
  CHECK(refused([](TrainConfig& c) {
    c.weight_copy = c.weight_infill = 0;
    c.knowledge = false;
  }));
  CHECK(refused([](TrainConfig& c) {
    c.weight_copy = c.weight_infill = 0;
    c.knowledge_side = kilm::objective::KnowledgeSide::source;
  }));
  CHECK(refused([](TrainConfig& c) { c.weight_copy = c.mask_rate = c.weight_knowledge = 0; }));
  CHECK(!refused([](TrainConfig& c) { c.weight_copy = c.weight_knowledge = 0; }));
}

TEST_CASE("values that make no sense are refused") {
  const auto refused = [](auto member, auto value, const char* message) {
    TrainConfig config;
    config.*member = value;
    CHECK_THROWS_WITH_AS(kilm::training::check(config), message, base::UsageError);
  };
  kilm::training::check(TrainConfig{});
  refused(&TrainConfig::steps, -1, "steps: -1 should be at least 0");
  refused(&TrainConfig::epochs, 0, "epochs: 0 should be at least 1");
  refused(&TrainConfig::batch_tokens, 0, "batch tokens: 0 should be at least 1");
  refused(&TrainConfig::patience, -1, "patience: -1 should be at least 0");
  refused(&TrainConfig::accumulate, 0, "accumulate: 0 should be at least 1");
  refused(&TrainConfig::batch_tokens, INT64_MAX, "batch tokens: 9223372036854775807 should be at most 16777216");
  refused(&TrainConfig::accumulate, INT64_MAX, "accumulate: 9223372036854775807 should be at most 1048576");
  refused(&TrainConfig::threads, 100000, "threads: 100000 should be at most 1024");
  refused(&TrainConfig::learning_rate, -0.5, "learning rate: -0.5 should be at least 0");
  refused(&TrainConfig::weight_infill, -1, "loss weight: -1 should be at least 0");
  refused(&TrainConfig::beta2, 1, "beta: 1 should be in [0, 1)");
  refused(&TrainConfig::eps, 0, "eps: 0 should be above 0");
  refused(&TrainConfig::mask_rate, 1, "mask rate: 1 should be in [0, 1)");
  refused(&TrainConfig::lambda, 0, "lambda: 0 should be in [0.01, 500]");
  refused(&TrainConfig::permute_sentences, 1.5, "permute sentences: 1.5 should be in [0, 1]");
  refused(&TrainConfig::mentions_per_window, 0, "mentions per window: 0 should be at least 1");
  refused(&TrainConfig::plain_ratio, 1, "plain ratio: 1 should be in [0, 1)");
  refused(&TrainConfig::plain_data, "news", "plain data: news needs a plain ratio above 0 to be shown");
  TrainConfig twin{.knowledge = false, .mentions_per_window = 2};
  CHECK_THROWS_WITH_AS(kilm::training::check(twin),
                       "knowledge: off leaves no use for mentions per window and knowledge side", base::UsageError);
  TrainConfig blind{.eval_every = 0, .patience = 2};
  CHECK_THROWS_WITH_AS(kilm::training::check(blind), "patience: 2 needs evaluations, eval every is 0",
                       base::UsageError);
}

TEST_CASE("graphs: by default where batches are small on cuda, and never on the CPU") {
  const auto used = [](kilm::training::Graphs graphs, const char* device, int64_t batch_tokens) {
    TrainConfig config;
    config.graphs = graphs;
    config.device = tensor::parse_device(device);
    config.batch_tokens = batch_tokens;
    return kilm::training::uses_graphs(config);
  };
  using kilm::training::Graphs;
  CHECK(used(Graphs::automatic, "cuda", 16384));
  CHECK(!used(Graphs::automatic, "cuda:1", 16385));
  CHECK(!used(Graphs::automatic, "cpu", 256));
  CHECK(used(Graphs::on, "cuda", 1 << 20));
  CHECK(!used(Graphs::off, "cuda", 256));
  CHECK(!used(Graphs::on, "cpu", 256));
}
