// `kilm plan`: what training would take on a machine that one does not have.
#include "kilm/training/plan.h"
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
  bool json = false;
};

void declare_plan(Options& options, Arguments& a) {
  options.add("--tokens N", a.tokens, "source and target tokens in a pass over the data, instead of --data");
  options.add("--flops X", a.flops, "operations that the machine really does in a second; 0: say nothing of time");
  options.add("--memory GB", a.memory, "memory of the machine; 0: do not judge");
  options.add("--json", a.json, "print one JSON object");
  declare(options, a.settings);
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

kilm::training::Plan plan_of(const Arguments& a) {
  const kilm::training::TrainConfig config = config_of(a.settings);
  check<UsageError>(!config.model.empty(), "--model is required");
  kilm::training::check(config);
  check<UsageError>(a.tokens.has_value() == config.data.empty(), "either --data or --tokens is needed");
  if (!a.tokens) return plan_with_data(config);
  check<UsageError>(*a.tokens >= 1, "tokens: {} should be at least 1", *a.tokens);
  const bool folder = std::filesystem::is_directory(config.model);
  check<base::DamagedInput>(!folder || std::filesystem::exists(config.model + "/config.json"),
                            "{}: lacks its config.json", config.model);
  const kilm::bart::BartConfig bart =
      kilm::bart::read_bart_config(folder ? config.model + "/config.json" : config.model);
  return kilm::training::plan(bart, config, kilm::training::pass_of(*a.tokens, config));
}

int run(const Arguments& a) {
  check<UsageError>(a.flops >= 0, "flops: {} should be at least 0", a.flops);
  check<UsageError>(a.memory >= 0, "memory: {} should be at least 0", a.memory);
  const kilm::training::Plan plan = plan_of(a);
  kilm::training::Verdict verdict{.memory = a.memory * 1e9};
  if (a.flops > 0) verdict.seconds = plan.operations / a.flops;
  const std::string text =
      a.json ? kilm::training::to_json(plan, verdict).dump() + "\n" : kilm::training::to_text(plan, verdict);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

}  // namespace

Command plan() {
  return command<Arguments>("plan", "tells the steps, memory and time of training on a machine that one does not have",
                            "kilm plan --model bart-base --data data --flops 1e14 --memory 80\n"
                            "kilm plan --model config.json --tokens 3e9 --dtype bf16 --flops 3e14 --memory 80 --json",
                            declare_plan, run);
}

}  // namespace tools
