#include "kilm/finetuning/config.h"

#include <doctest/doctest.h>

#include "kilm/training/train_config.h"
#include "tensor/base/error.h"

using kilm::finetuning::FinetuneConfig;
using kilm::finetuning::TaskKind;

TEST_CASE("settings that are written are read again") {
  FinetuneConfig config;
  config.task = TaskKind::seq2seq;
  config.train.data = "/a";
  config.train.learning_rate = 1e-3;
  config.train.batch_tokens = 77;
  config.eval = "/b";
  config.columns = kilm::evaluation::parse_columns("source=dialogue,target=summary");
  config.batch_size = 3;
  config.shuffle = false;
  config.label_smoothing = 0.1;
  config.max_target_length = 64;
  config.generation.set("num_beams", 4);
  const base::Json json = to_json(config);
  CHECK(kilm::finetuning::is_finetuning(json));
  CHECK(!kilm::finetuning::is_finetuning(to_json(config.train)));
  CHECK(to_json(kilm::finetuning::finetune_config_from_json(json, "resolved.json")) == json);
  CHECK(!json.find("mask_rate"));
  FinetuneConfig table;
  table.format = kilm::evaluation::GlueTask::mnli;
  CHECK(kilm::finetuning::finetune_config_from_json(to_json(table), "x").format == table.format);
}

TEST_CASE("a damaged resolved.json is refused by name") {
  base::Json json = to_json(FinetuneConfig());
  json.set("task", "guessing");
  CHECK_THROWS_WITH_AS(kilm::finetuning::finetune_config_from_json(json, "resolved.json"),
                       doctest::Contains("resolved.json: task: "), base::DamagedInput);
  json = to_json(FinetuneConfig());
  json.set("learning_rate", "high");
  CHECK_THROWS_AS(kilm::finetuning::finetune_config_from_json(json, "resolved.json"), base::DamagedInput);
  CHECK_THROWS_AS(kilm::finetuning::finetune_config_from_json(base::Json::object({{"task", "seq2seq"}}), "x"),
                  base::DamagedInput);
}

TEST_CASE("settings that make no sense are refused") {
  const auto refused = [](auto change) {
    FinetuneConfig config;
    change(config);
    CHECK_THROWS_AS(check(config), base::UsageError);
  };
  check(FinetuneConfig());
  refused([](FinetuneConfig& c) { c.batch_size = 0; });
  refused([](FinetuneConfig& c) { c.labels = 1; });
  refused([](FinetuneConfig& c) { c.label_smoothing = 1; });
  refused([](FinetuneConfig& c) { c.max_source_length = -1; });
  refused([](FinetuneConfig& c) { c.train.learning_rate = -1; });
  refused([](FinetuneConfig& c) { c.train.patience = 1; });
  refused([](FinetuneConfig& c) { c.max_target_length = 9; });
  refused([](FinetuneConfig& c) { c.generation.set("num_beams", 4); });
  refused([](FinetuneConfig& c) { c.task = TaskKind::regression, c.generation.set("num_beams", 4); });
  refused([](FinetuneConfig& c) { c.columns.source = "a"; });
  refused([](FinetuneConfig& c) { c.format = kilm::evaluation::GlueTask::stsb; });
  refused([](FinetuneConfig& c) { c.task = TaskKind::seq2seq, c.format = kilm::evaluation::GlueTask::sst2; });
  refused([](FinetuneConfig& c) { c.task = TaskKind::seq2seq, c.labels = 2; });
  refused([](FinetuneConfig& c) { c.task = TaskKind::regression, c.label_smoothing = 0.1; });
}
