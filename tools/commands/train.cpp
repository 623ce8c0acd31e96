// `kilm train`: continued pre-training on prepared data, from a model folder or from a run's last checkpoint.

#include <cstdio>

#include "kilm/bart/folder.h"
#include "kilm/job/stopwatch.h"
#include "kilm/training/plan.h"
#include "kilm/training/run.h"
#include "kilm/training/trainer.h"
#include "tensor/allocator.h"
#include "tensor/base/format.h"
#include "tensor/base/threads.h"
#include "tensor/runtime.h"
#include "tools/commands.h"
#include "tools/commands/new_run.h"
#include "tools/commands/train_settings.h"

namespace tools {

namespace {

using base::check;
using base::UsageError;
using kilm::dataset::Split;
using kilm::training::RunData;
using kilm::training::TrainConfig;

struct TrainArguments {
  TrainSettings settings;
  bool print_config = false, dry_run = false, json = false;
};

void declare_train(Options& options, TrainArguments& arguments) {
  options.add("-o,--out RUN", arguments.settings.out,
              "new folder for checkpoints and log; one that holds anything else is refused");
  options.add("--resume RUN", arguments.settings.run, "go on from the last checkpoint of this run, with its settings");
  options.add("--print-config", arguments.print_config, "print every setting as JSON and do nothing else");
  options.add("--dry-run", arguments.dry_run,
              "run one micro-batch in memory, print what the run will take, write nothing");
  options.add("--json", arguments.json, "print the plan of --dry-run as one JSON object");
  declare(options, arguments.settings);
}

void check_new(const TrainConfig& config) {
  require_data_and_model(config);
  check_new_run(config.out);
  kilm::bart::check_model_folder(config.model);
}

// Measures a micro-batch. Its second step counts if the first was quick: that one also asks the system for memory.
// Where kernels are recorded, the second does that, and the third counts.
kilm::training::Measurement measure(TrainConfig config, kilm::bart::BartFolder& folder,
                                    const kilm::objective::InfillObjective& objective,
                                    const kilm::dataset::TrainingWindows& windows) {
  if (config.threads > 0) base::set_threads(int(config.threads));
  config.accumulate = 1;
  const kilm::training::StepLoader loader(config, objective, windows, config.device);
  kilm::training::Trainer trainer(config, folder.model, loader.total_steps());
  const kilm::training::StepBatch batch = loader.next(trainer.state().cursor);
  const auto seconds_of_step = [&] {
    const kilm::job::Stopwatch step;
    trainer.accumulate(batch);
    trainer.update(batch);
    return step.seconds();
  };
  double seconds = seconds_of_step();
  for (int again = kilm::training::uses_graphs(config) ? 2 : 1; seconds < 5 && again > 0; --again)
    seconds = seconds_of_step();
  return {seconds, double(tensor::allocator_of(config.device).stats().peak)};
}

int dry_run(const TrainConfig& config, const RunData& data, bool json) {
  const kilm::dataset::TrainingWindows windows = data.windows(Split::train);
  kilm::bart::BartFolder folder = kilm::bart::load_bart(config.model, config.dtype);
  kilm::bart::add_kilm_tokens(folder, uint64_t(config.seed));
  const kilm::objective::InfillObjective objective(folder.text_tokenizer(), kilm::training::infill_config(config));
  const kilm::training::Pass pass = kilm::training::pass_of(kilm::training::StepLoader(config, objective, windows));
  const kilm::training::Plan plan = kilm::training::plan(folder.model.config, config, pass);
  kilm::training::Verdict verdict{.measured = measure(config, folder, objective, windows)};
  verdict.seconds = verdict.measured->seconds * double(plan.steps) * double(plan.accumulate);
  const std::string text =
      json ? kilm::training::to_json(plan, verdict).dump() + "\n" : kilm::training::to_text(plan, verdict);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

int run_train(const TrainArguments& arguments) {
  TrainConfig config = config_of(arguments.settings);
  kilm::training::check(config);
  if (arguments.print_config) {
    std::printf("%s\n", kilm::training::to_json(config).dump(2).c_str());
    return 0;
  }
  check<UsageError>(arguments.dry_run || !arguments.json, "--json needs --dry-run");
  tensor::runtime(config.device);  // refused here if there is none
  if (arguments.dry_run)
    require_data_and_model(config);
  else if (!arguments.settings.run)
    check_new(config);
  const RunData data(config);
  complete_from_data(config, data);
  const bool is_new = !arguments.dry_run && !arguments.settings.run;
  if (is_new) config.model_digest = kilm::bart::model_digest(config.model);
  check<UsageError>(config.patience == 0 || data.knowledge().windows(Split::unseen).count > 0,
                    "patience: {} needs unseen paragraphs, {} has none", config.patience, config.data);
  if (arguments.dry_run) return dry_run(config, data, arguments.json);
  const int code =
      kilm::training::train(config, data.windows(Split::train), kilm::training::evaluation_on(data, config));
  if (code == 0) std::printf("%s\n", kilm::bart::model_folder(config.out).c_str());
  return code;
}

}  // namespace

Command train() {
  return command<TrainArguments>("train", "trains a model on prepared data",
                                 "kilm train --data data --model bart-base --out run\n"
                                 "kilm train --data data --model bart-base --dry-run\n"
                                 "kilm train --data data --model bart-base --out twin --knowledge off --steps 1000\n"
                                 "kilm train --resume run",
                                 declare_train, run_train);
}

}  // namespace tools
