#include "kilm/training/plan.h"

#include <doctest/doctest.h>

#include "kilm/training/trainer.h"
#include "tensor/allocator.h"
#include "tests/kilm/toy.h"

using doctest::Approx;
using kilm::bart::bart_base;

TEST_CASE("the weights of a configuration are counted without making them") {
  CHECK(kilm::training::weights_of(bart_base()) == 139420416);  // docs/objective.md, Default settings
  CHECK(kilm::training::weights_of(kilm::bart::bart_large()) == 406291456);
  kilm::bart::BartFolder toy = toy::bart();
  CHECK(kilm::training::weights_of(toy.model.config) == nn::parameter_count(toy.model));
}

TEST_CASE("the updates of a plan are those of the trainer") {
  const kilm::tokenizer::Tokenizer tokenizer = toy::tokenizer();
  for (const int64_t steps : {0, 5})
    for (const int64_t count : {12, 1500}) {
      kilm::training::TrainConfig config = toy::train_config();
      config.steps = steps;
      config.epochs = 3;
      const kilm::objective::InfillObjective objective(tokenizer, kilm::training::infill_config(config));
      const kilm::training::StepLoader loader(config, objective, toy::windows(count));
      const kilm::training::Pass pass = kilm::training::pass_of(loader);
      CHECK(pass.windows == count);
      CHECK(kilm::training::updates_of(pass.micros, config) == loader.total_steps());
      CHECK(pass.tokens_source + pass.tokens_target <= pass.micros * double(config.batch_tokens));
    }
}

TEST_CASE("the plain stream adds its windows to a pass") {
  const kilm::tokenizer::Tokenizer tokenizer = toy::tokenizer();
  kilm::training::TrainConfig config = toy::train_config();
  config.knowledge = false;
  const auto pass = [&] {
    const kilm::objective::InfillObjective objective(tokenizer, kilm::training::infill_config(config));
    return kilm::training::pass_of(kilm::training::StepLoader(config, objective, toy::windows(1500)));
  };
  const kilm::training::Pass without = pass();
  config.plain_ratio = 0.75;
  const kilm::training::Pass with = pass();
  CHECK(with.windows == 1500);
  CHECK(with.tokens_target == Approx(4 * without.tokens_target).epsilon(0.02));
  CHECK(with.micros == Approx(4 * without.micros).epsilon(0.02));
}

TEST_CASE("operations are six for each token and weight, memory follows the type of the weights") {
  kilm::training::TrainConfig config;
  config.steps = 10;
  config.accumulate = 4;
  const kilm::training::Plan plan = kilm::training::plan(bart_base(), config, kilm::training::pass_of(1e9, config));
  const double tokens = 10 * 4 * double(config.batch_tokens);
  const double d = 768, encoder = 6 * (4 * d * d + 8 * d * d), decoder = 6 * (8 * d * d + 8 * d * d);
  CHECK(plan.operations == Approx(6 * tokens / 2 * (encoder + decoder + d * 50265)).epsilon(0.005));
  CHECK(plan.weight_bytes == 4.0 * 139420416);
  CHECK(plan.gradient_bytes == 4.0 * (139420416 + 2 * 768 * 50265));  // the tied table thrice
  CHECK(plan.optimizer_bytes == 8.0 * 139420416);
  config.dtype = tensor::DType::bf16;
  const kilm::training::Plan half = kilm::training::plan(bart_base(), config, kilm::training::pass_of(1e9, config));
  CHECK(half.weight_bytes == 2.0 * 139420416);
  CHECK(half.optimizer_bytes == 12.0 * 139420416);
  CHECK(half.activation_bytes == plan.activation_bytes / 2);
  config.recompute = nn::Recompute::layer;
  const kilm::training::Plan again = kilm::training::plan(bart_base(), config, kilm::training::pass_of(1e9, config));
  CHECK(again.activation_bytes < half.activation_bytes / 3);
  CHECK(again.operations > 1.2 * half.operations);
  config.recompute = nn::Recompute::attention;
  const kilm::training::Plan part = kilm::training::plan(bart_base(), config, kilm::training::pass_of(1e9, config));
  CHECK(part.activation_bytes > again.activation_bytes);
  CHECK(part.activation_bytes < 0.8 * half.activation_bytes);
  CHECK(part.operations == Approx(half.operations + 2 * tokens / 2 * 6 * (4 + 8) * d * d).epsilon(0.001));
}

// Wide enough that layers, not the odds and ends, decide.
TEST_CASE("the memory of a step is about what was estimated") {
  kilm::bart::BartConfig bart = toy::bart_config();
  bart.d_model = 64;
  bart.encoder_layers = bart.decoder_layers = 3;
  bart.encoder_ffn_dim = bart.decoder_ffn_dim = 256;
  for (const nn::Recompute recompute : nn::kRecomputes) {
    kilm::training::TrainConfig config = toy::train_config();
    config.batch_tokens = 4096;
    config.accumulate = 1;
    config.recompute = recompute;
    kilm::bart::BartFolder folder = kilm::bart::new_bart(bart, toy::tokenizer(), 1);
    const kilm::objective::InfillObjective objective(*folder.tokenizer, kilm::training::infill_config(config));
    const kilm::training::StepLoader loader(config, objective, toy::windows(500));
    const kilm::training::Pass pass = kilm::training::pass_of(loader);
    kilm::training::Trainer trainer(config, folder.model, loader.total_steps());
    const size_t before = tensor::host_allocator().stats().live;
    tensor::host_allocator().reset_peak();
    const kilm::training::StepBatch batch = loader.next({});
    trainer.accumulate(batch);
    trainer.update(batch);
    const double more = double(tensor::host_allocator().stats().peak - before);
    const double estimate = kilm::training::plan(bart, config, pass).activation_bytes;
    INFO(name(recompute) << ": " << more << " bytes, estimated " << estimate);
    CHECK(more < 1.3 * estimate);
    CHECK(more > 0.6 * estimate);
  }
}

TEST_CASE("a plan says what is known: time and memory only where they were given") {
  kilm::training::TrainConfig config;
  config.steps = 100;
  config.accumulate = 1;
  const kilm::training::Plan plan = kilm::training::plan(bart_base(), config, kilm::training::pass_of(1e8, config));
  const base::Json bare = kilm::training::to_json(plan, {});
  CHECK(bare.at("steps").as_int() == 100);
  CHECK(bare.at("windows").is_null());
  CHECK(bare.at("seconds").is_null());
  CHECK(bare.find("fits") == nullptr);
  CHECK(bare.find("measured") == nullptr);
  CHECK(kilm::training::to_json(plan, {.memory = 1e9}).at("fits").as_bool() == false);
  CHECK(kilm::training::to_json(plan, {.memory = 1e12}).at("fits").as_bool());
  const std::string text = kilm::training::to_text(
      plan, {.seconds = 7300, .measured = kilm::training::Measurement{1.5, 3e9}, .memory = 1e9});
  for (const char* part :
       {"139.4 million weights", "2 h 2 min of training", "GB in all; 1 GB is too little", "3.000 GB was the most"})
    CHECK(text.find(part) != std::string::npos);
}
