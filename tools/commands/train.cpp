// `kilm train`: continued pre-training on prepared data, from a model folder or from a run's last checkpoint.
#include <cstdio>
#include <filesystem>

#include "kilm/corpus/prepared.h"
#include "kilm/trainer.h"
#include "tensor/format.h"
#include "tools/commands.h"
#include "tools/commands/train_evaluation.h"
#include "tools/commands/train_settings.h"

namespace tools {

namespace {

namespace fs = std::filesystem;
using kilm::Split;
using kilm::TrainConfig;
using tensor::check;
using tensor::UsageError;

struct TrainArguments {
  TrainSettings settings;
  bool print_config = false;
};

void declare_train(Options& options, TrainArguments& arguments) {
  options.add("-o,--out RUN", arguments.settings.out, "new folder for checkpoints and log");
  options.add("--resume RUN", arguments.settings.run, "go on from the last checkpoint of this run, with its settings");
  options.add("--print-config", arguments.print_config, "print every setting as JSON and do nothing else");
  declare(options, arguments.settings);
}

void check_new(const TrainConfig& config) {
  require_data_and_model(config);
  check<UsageError>(!config.out.empty(), "--out is required");
  // Before its log, a run has done nothing: a start that failed may be made again.
  check<UsageError>(!fs::exists(config.out + "/log.jsonl"), "{}: is a run already, which --resume would continue",
                    config.out);
}

int run_train(const TrainArguments& arguments) {
  TrainConfig config = config_of(arguments.settings);
  if (arguments.print_config) {
    std::printf("%s\n", kilm::to_json(config).dump(2).c_str());
    return 0;
  }
  if (!arguments.settings.run) check_new(config);
  check(config);
  const kilm::PreparedData data(config.data);
  if (!arguments.settings.run) settle(config, data);
  const int code = kilm::train(config, data.windows(Split::train), evaluation_on(data, config));
  if (code == 0) std::printf("%s\n", kilm::model_folder(config.out).c_str());
  return code;
}

}  // namespace

Command train() {
  return command<TrainArguments>("train", "trains a model on prepared data",
                                 "kilm train --data data --model bart-base --out run\n"
                                 "kilm train --data data --model bart-base --out twin --knowledge off --steps 1000\n"
                                 "kilm train --resume run",
                                 declare_train, run_train);
}

}  // namespace tools
