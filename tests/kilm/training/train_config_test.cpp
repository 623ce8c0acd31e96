#include "kilm/training/train_config.h"

#include <doctest/doctest.h>

#include <set>

#include "optim/schedule.h"
#include "tensor/base/error.h"

using base::Json;
using kilm::training::TrainConfig;

TEST_CASE("settings that are written and read again are the same") {
  TrainConfig config;
  config.data = "data";
  config.knowledge = false;
  config.learning_rate = 0.1 + 0.2;
  config.schedule = "cosine";
  const Json json = kilm::training::to_json(config);
  CHECK(kilm::training::to_json(kilm::training::train_config_from_json(base::parse_json(json.dump(), "x"), "x")) ==
        json);
  Json broken = json;
  broken.set("steps", "many");
  CHECK_THROWS_WITH_AS(kilm::training::train_config_from_json(broken, "resolved.json"),
                       "resolved.json: steps: expected an integer, found a string", base::DamagedInput);
}

TEST_CASE("a run of an earlier version did what the defaults of later settings are") {
  const Json json = kilm::training::to_json(TrainConfig{});
  Json older = Json::object(), broken = Json::object();
  for (const auto& [key, value] : json.members()) {
    if (key != "on_nonfinite" && key != "patience" && key != "plain_data" && key != "plain_ratio" &&
        key != "insert_masks" && key != "permute_sentences" && key != "mentions_per_window" &&
        key != "knowledge_side" && key != "tokenizer" && !key.ends_with("_digest"))
      older.set(key, value);
    if (key != "seed") broken.set(key, value);
  }
  CHECK(kilm::training::to_json(kilm::training::train_config_from_json(older, "x")) == json);
  CHECK_THROWS_AS(kilm::training::train_config_from_json(broken, "resolved.json"), base::DamagedInput);
}

TEST_CASE("every setting has a name of its own and an explanation") {
  std::set<std::string> names = {"data",      "model",       "out",          "plain_data",
                                 "tokenizer", "data_digest", "model_digest", "plain_data_digest"};
  TrainConfig config;
  kilm::training::each_setting(config, [&](const std::string& name, const auto&, const std::string& help) {
    CHECK(names.insert(name).second);
    CHECK(!help.empty());
  });
  CHECK(kilm::training::to_json(config).members().size() == names.size());
}

TEST_CASE("the preset kilm is the published recipe") {
  const TrainConfig config = kilm::training::preset("kilm");
  CHECK(config.epochs == 10);
  CHECK(config.batch_tokens * config.accumulate == 2 * 512 * 1024);  // 1,024 sequences and their targets
  CHECK(config.learning_rate == 5e-5);
  CHECK(config.schedule == "linear");
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
    c.knowledge_side = "source";
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
  refused(&TrainConfig::dtype, "f16", "dtype: f16 should be f32 or bf16");
  refused(&TrainConfig::normalize, "rows", "normalize: rows should be tokens or groups");
  refused(&TrainConfig::knowledge_side, "both", "knowledge side: both should be target or source");
  refused(&TrainConfig::plain_ratio, 1, "plain ratio: 1 should be in [0, 1)");
  refused(&TrainConfig::plain_data, "news", "plain data: news needs a plain ratio above 0 to be shown");
  TrainConfig twin{.knowledge = false, .mentions_per_window = 2};
  CHECK_THROWS_WITH_AS(kilm::training::check(twin),
                       "knowledge: off leaves no use for mentions per window and knowledge side", base::UsageError);
  refused(&TrainConfig::recompute, "all", "recompute: all should be none, attention or layer");
  refused(&TrainConfig::on_nonfinite, "go on", "on nonfinite: go on should be stop or skip");
  TrainConfig blind{.eval_every = 0, .patience = 2};
  CHECK_THROWS_WITH_AS(kilm::training::check(blind), "patience: 2 needs evaluations, eval every is 0",
                       base::UsageError);
  refused(&TrainConfig::schedule, "square", "schedule: square should be constant, linear, cosine or inverse_sqrt");
}

TEST_CASE("every choice of a setting is taken") {
  int64_t taken = 0;
  const TrainConfig defaults;
  kilm::training::each_setting(defaults, [&]<class T>(const char* name, const T&, const char*) {
    for (const std::string& choice : kilm::training::choices(name)) {
      CAPTURE(choice);
      TrainConfig config;
      kilm::training::each_setting(config, [&]<class V>(const char* other, V& value, const char*) {
        if constexpr (std::is_same_v<V, std::string>)
          if (std::string_view(other) == name) value = choice;
      });
      kilm::training::check(config);
      optim::parse_schedule(config.schedule);
      ++taken;
    }
  });
  CHECK(taken == 15);
}
