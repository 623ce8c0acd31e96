// `kilm plan`: what training would take on a machine that one does not have.
#include "kilm/training/plan.h"
#include "kilm/training/card_plan.h"
#include "kilm/training/run_data.h"

#include <cstdio>
#include <filesystem>

#include "kilm/bart/folder.h"
#include "tensor/base/format.h"
#include "tools/commands.h"
#include "tools/commands/train_settings.h"

namespace tools {

namespace {

using base::check;
using base::UsageError;

struct Arguments {
  TrainSettings settings;
  std::optional<double> tokens;
  double flops = 0, memory = 0;
  std::string device = "cpu";
  int64_t length = 512;
  bool json = false;
};

void declare_plan(Options& options, Arguments& a) {
  options.add("--tokens N", a.tokens, "source and target tokens in a pass over the data, instead of --data");
  options.add("--flops X", a.flops, "operations that the machine really does in a second; 0: say nothing of time");
  options.add("--memory GB", a.memory, "memory of the machine; 0: do not judge");
  options.add("--device NAME", a.device,
              "a100, h100 or h200: a step of training on that card, kernel by kernel, without data; of bart-base and "
              "bart-large if there is no --model, in bf16, with --batch-tokens 65536 and --accumulate 1 unless given; "
              "other devices are those of kilm train, of which nothing is told");
  options.add("--length N", a.length, "tokens of each source and target on a card");
  options.add("--json", a.json, "print one JSON object; for cards one per model, on a line each");
  declare(options, a.settings, DeviceOption::own);
}

kilm::bart::BartConfig with_kilm_tokens(kilm::bart::BartConfig config, const kilm::tokenizer::Tokenizer& tokenizer) {
  config.vocab_size = std::max(config.vocab_size, tokenizer.size());
  return config;
}

kilm::training::Plan plan_with_data(kilm::training::TrainConfig config) {
  kilm::bart::check_model_folder(config.model, {.weights = false});
  const kilm::training::RunData data(config);
  complete_from_data(config, data);
  kilm::tokenizer::Tokenizer tokenizer = kilm::tokenizer::Tokenizer::load(config.model);
  tokenizer.add_kilm_tokens();
  const kilm::objective::InfillObjective objective(tokenizer, kilm::training::infill_config(config));
  const kilm::training::StepLoader loader(config, objective, data.windows(kilm::dataset::Split::train));
  const kilm::bart::BartConfig bart = kilm::bart::read_bart_config(config.model + "/config.json");
  return kilm::training::plan(with_kilm_tokens(bart, tokenizer), config, kilm::training::pass_of(loader));
}

kilm::bart::BartConfig bart_of(const std::string& folder_or_file) {
  const bool folder = std::filesystem::is_directory(folder_or_file);
  const std::string inside = folder_or_file + "/config.json";
  check<base::DamagedInput>(!folder || std::filesystem::exists(inside), "{}: lacks its config.json", folder_or_file);
  return kilm::bart::read_bart_config(folder ? inside : folder_or_file);
}

kilm::training::Plan plan_of(const Arguments& a) {
  const kilm::training::TrainConfig config = config_of(a.settings);
  check<UsageError>(!config.model.empty(), "--model is required");
  kilm::training::check(config);
  check<UsageError>(a.tokens.has_value() == config.data.empty(), "either --data or --tokens is needed");
  if (!a.tokens) return plan_with_data(config);
  check<UsageError>(*a.tokens >= 1, "tokens: {} should be at least 1", *a.tokens);
  return kilm::training::plan(bart_of(config.model), config, kilm::training::pass_of(*a.tokens, config));
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

// Returns the settings of a step on a card. Where none are given, they are a card's own, not the published recipe's.
kilm::training::TrainConfig card_config(const TrainSettings& settings) {
  kilm::training::TrainConfig config;
  config.dtype = tensor::DType::bf16;
  config.batch_tokens = 65536;
  config.accumulate = 1;
  kilm::training::each_given(settings.given, [&](const auto& row, const auto& given) {
    if (given) config.*row.member = *given;
  });
  kilm::training::check(config);
  return config;
}

int run_card(const Arguments& a, const kilm::training::Card& card) {
  check<UsageError>(!a.tokens && !a.settings.data, "--tokens and --data tell of a run; a step on {} needs neither",
                    card.name);
  check<UsageError>(a.flops == 0 && a.memory == 0, "--flops and --memory are those of {}", card.name);
  std::vector<std::pair<std::string, kilm::bart::BartConfig>> models;
  if (a.settings.model)
    models = {{*a.settings.model, bart_of(*a.settings.model)}};
  else
    models = {{"bart-base", kilm::bart::bart_base()}, {"bart-large", kilm::bart::bart_large()}};
  const kilm::training::TrainConfig config = card_config(a.settings);
  for (const auto& [name, bart] : models) {
    const kilm::training::CardPlan plan = kilm::training::card_plan(name, bart, config, a.length, card);
    print(a.json ? kilm::training::to_json(plan).dump() + "\n" : kilm::training::to_text(plan));
  }
  return 0;
}

int run(const Arguments& a) {
  if (const kilm::training::Card* card = kilm::training::find_card(a.device)) return run_card(a, *card);
  tensor::parse_device(a.device);  // a setting of the environment, meant for kilm train
  check<UsageError>(a.flops >= 0, "flops: {} should be at least 0", a.flops);
  check<UsageError>(a.memory >= 0, "memory: {} should be at least 0", a.memory);
  const kilm::training::Plan plan = plan_of(a);
  kilm::training::Verdict verdict{.memory = a.memory * 1e9};
  if (a.flops > 0) verdict.seconds = plan.operations / a.flops;
  print(a.json ? kilm::training::to_json(plan, verdict).dump() + "\n" : kilm::training::to_text(plan, verdict));
  return 0;
}

}  // namespace

Command plan() {
  return command<Arguments>("plan", "tells the steps, memory and time of training on a machine that one does not have",
                            "kilm plan --model bart-base --data data --flops 1e14 --memory 80\n"
                            "kilm plan --model config.json --tokens 3e9 --dtype bf16 --flops 3e14 --memory 80 --json\n"
                            "kilm plan --device h200\n"
                            "kilm plan --device a100 --model config.json --batch-tokens 16384 --length 256 --json",
                            declare_plan, run);
}

}  // namespace tools
