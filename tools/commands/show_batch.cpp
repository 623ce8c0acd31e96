// `kilm show-batch`: what the model is given at one step of a run.
#include "kilm/training/show_batch.h"
#include "kilm/training/run_data.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "kilm/training/checkpoint.h"
#include "tensor/base/format.h"
#include "tools/commands.h"
#include "tools/commands/train_settings.h"

namespace tools {

namespace {

using base::check;
using base::Json;
using base::UsageError;

struct Arguments {
  TrainSettings settings;
  kilm::dataset::Split split = kilm::dataset::Split::train;
  int64_t step = 1;
  bool json = false;
};

void declare_show_batch(Options& options, Arguments& a) {
  options.add("--run RUN", a.settings.run, "data, model and settings of this run");
  options.add("--split SPLIT", a.split, kilm::dataset::kSplits, "which part of the data");
  options.add("--step N", a.step, "the step to show, counted from 1 as in log.jsonl");
  options.add("--json", a.json, "print one JSON object");
  declare(options, a.settings);
}

// Returns where the windows of a step begin. Nobody knows without cutting those before it into micro-batches, but a
// run's checkpoints have noted the place.
kilm::batching::Cursor cursor_of(const kilm::training::StepLoader& loader, int64_t step,
                                 const std::optional<std::string>& checkpoint) {
  const kilm::training::TrainState from =
      checkpoint ? kilm::training::read_train_state(*checkpoint) : kilm::training::TrainState{};
  kilm::batching::Cursor cursor = from.cursor;
  for (int64_t done = from.step; done + 1 < step; ++done) cursor = loader.next(cursor).end;
  return cursor;
}

std::string place(const kilm::batching::Cursor& cursor) {
  std::string place = base::format("epoch {} window {}", cursor.epoch, cursor.index);
  if (cursor.plain > 0) place += base::format(" and {} of the plain stream", cursor.plain);
  return place;
}

int run(const Arguments& a) {
  kilm::training::TrainConfig config = config_of(a.settings);
  require_data_and_model(config);
  kilm::training::check(config);
  check<UsageError>(a.step >= 1, "step: {} should be at least 1", a.step);
  const kilm::training::RunData data(config);
  if (!a.settings.run) kilm::bart::check_model_folder(config.model, {.weights = false});
  std::optional<std::string> checkpoint;
  if (a.settings.run && a.split == kilm::dataset::Split::train)
    checkpoint = kilm::training::checkpoint_before(config.out, a.step);
  kilm::tokenizer::Tokenizer tokenizer =
      kilm::tokenizer::Tokenizer::load(checkpoint ? *checkpoint + "/model" : config.model);
  if (!a.settings.run) complete_from_data(config, data);
  data.check_tokenizer(kilm::dataset::fingerprint_with_kilm_tokens(tokenizer));
  tokenizer.add_kilm_tokens();
  const kilm::objective::InfillObjective objective(tokenizer, kilm::training::infill_config(config));
  const kilm::training::StepLoader loader(config, objective, data.windows(a.split));
  check<UsageError>(a.step <= loader.total_steps(), "step: {} should be at most {}, the last of the run", a.step,
                    loader.total_steps());
  const kilm::batching::Cursor begin = cursor_of(loader, a.step, checkpoint);
  const kilm::training::StepBatch batch = loader.next(begin);
  std::string out;
  if (a.json) {
    Json json =
        Json::object({{"step", a.step}, {"epoch", begin.epoch}, {"window", begin.index}, {"plain", begin.plain}});
    const Json shown = kilm::training::to_json(batch, tokenizer);
    for (const auto& [key, value] : shown.members()) json.set(key, value);
    out = json.dump() + "\n";
  } else {
    const bool colour = isatty(STDOUT_FILENO) && std::getenv("NO_COLOR") == nullptr;
    out = base::format("step {}: {} to before {}, of {} windows\n", a.step, place(begin), place(batch.end),
                       loader.windows()) +
          kilm::training::to_text(batch, tokenizer, colour);
  }
  std::fwrite(out.data(), 1, out.size(), stdout);
  return 0;
}

}  // namespace

Command show_batch() {
  return command<Arguments>("show-batch", "shows what the model is given at one step of training",
                            "kilm show-batch --data data --model bart-base\n"
                            "kilm show-batch --run run --step 1000 --json",
                            declare_show_batch, run);
}

}  // namespace tools
