// `kilm finetune`: a model learns a task from examples and is measured on others.
#include <cstdio>
#include <limits>
#include <memory>

#include "kilm/bart/folder.h"
#include "kilm/finetuning/task.h"
#include "kilm/job/progress.h"
#include "kilm/training/run.h"
#include "tensor/base/threads.h"
#include "tensor/runtime.h"
#include "tools/commands.h"
#include "tools/commands/finetune_settings.h"
#include "tools/commands/new_run.h"
#include "tools/commands/output.h"
#include "tools/commands/predictions.h"

namespace tools {

namespace {

using base::check;
using base::format;
using base::Json;
using base::UsageError;
using kilm::finetuning::FinetuneConfig;
using kilm::finetuning::Result;
using kilm::finetuning::TaskData;

struct Arguments {
  FinetuneSettings settings;
  std::optional<std::string> predictions;
  bool force = false, json = false;
};

void declare_finetune(Options& options, Arguments& a) {
  options.add("-o,--out RUN", a.settings.out,
              "new folder for checkpoints and log; without it and with --steps 0, nothing but --eval happens");
  options.add("--resume RUN", a.settings.run, "go on from the last checkpoint of this run, with its settings");
  declare_predictions(options, a.predictions);
  declare_force(options, a.force);
  options.add("--json", a.json, "print one JSON object");
  declare(options, a.settings);
}

// What the last evaluation found and said. Its rows go into a file that appears with the result.
class LastEvaluation {
 public:
  explicit LastEvaluation(const Arguments& a) : path_(a.predictions), force_(a.force) { begin(); }

  kilm::finetuning::EvaluationListener listener() {
    return {.begin = [this] { begin(); },
            .each = [this](const kilm::predictions::Row& row) { rows_->write(row); },
            .end = [this](const Result& result) { result_ = result; }};
  }
  const std::optional<Result>& result() const { return result_; }
  void commit() { rows_->commit(); }

 private:
  // Forgets what an evaluation before said.
  void begin() {
    rows_.reset();
    rows_ = std::make_unique<PredictionOutput>(path_, force_);
    result_.reset();
  }

  std::optional<std::string> path_;
  bool force_;
  std::unique_ptr<PredictionOutput> rows_;
  std::optional<Result> result_;
};

std::string table(int64_t steps, const std::optional<Result>& result) {
  std::string out = format("{:<20}{:>10}\n", "steps", steps);
  if (!result) return out;
  out += format("{:<20}{:>10}\n{:<20}{:>10.4f}\n", "examples", result->examples, "loss", result->loss);
  for (const auto& [key, value] : result->measures.members())
    out += value.is_number() ? format("{:<20}{:>10.4f}\n", key, value.as_number()) : format("{:<20}{:>10}\n", key, "-");
  if (result->measures.find("rougeL"))
    out += "\nrouge: a prediction or a text without a letter a-z or a digit scores 0, as with rouge-score\n";
  return out;
}

void print(int64_t steps, LastEvaluation& last, bool json) {
  last.commit();
  const std::optional<Result>& result = last.result();
  const Json object = Json::object({{"steps", steps}, {"eval", result ? to_json(*result) : Json()}});
  const std::string out = json ? object.dump() + "\n" : table(steps, result);
  std::fwrite(out.data(), 1, out.size(), stdout);
}

// Evaluates the model of a folder. No evaluation may have begun before.
void evaluate(const FinetuneConfig& config, const TaskData& data, const std::string& folder, LastEvaluation& last) {
  if (config.train.threads > 0) base::set_threads(int(config.train.threads));
  kilm::finetuning::TaskModel model(folder, config, config.train.dtype);
  nn::move(model.module(), config.train.device);
  const kilm::finetuning::Encoder encoder(model.tokenizer(), model.model().config, config);
  const kilm::finetuning::EvaluationListener listener = last.listener();
  kilm::job::Progress progress("evaluate", data.eval->count());
  listener.end(*kilm::finetuning::evaluate(
      model, encoder, *data.eval, config.train.batch_tokens,
      {.each = listener.each, .progress = [&](int64_t done) { progress.update(done, ""); }, .stop = {}}));
}

void require(const char* option, const std::string& value) {
  check<UsageError>(!value.empty(), "--{} is required", option);
}

int evaluate_only(const Arguments& a, FinetuneConfig config) {
  require("eval", config.eval);
  config.train.data.clear();  // nothing is learnt
  LastEvaluation last(a);
  const TaskData data = open_data(config, config.train.model);
  evaluate(config, data, config.train.model, last);
  print(0, last, a.json);
  return 0;
}

int train(const Arguments& a, FinetuneConfig config) {
  check<UsageError>(!a.predictions || !config.eval.empty(), "--predictions: needs --eval");
  check<UsageError>(!a.predictions || is_file(*a.predictions), "--predictions: {} should be a file",
                    a.predictions.value_or(""));
  if (a.predictions) check_outputs_apart({{"--out", config.train.out}, {"--predictions", *a.predictions}});
  LastEvaluation last(a);
  const std::optional<std::string> begun = kilm::training::newest_whole(config.train.out);
  const TaskData data = open_data(config, begun ? *begun + "/model" : config.train.model);
  if (!a.settings.run) config.train.model_digest = kilm::bart::model_digest(config.train.model);
  const kilm::finetuning::EvaluationListener listener = last.listener();
  const int code = kilm::training::train(config.train, to_json(config), [&](const std::string& model_folder) {
    return std::make_unique<kilm::finetuning::FinetuneTask>(config, data, listener, model_folder);
  });
  if (code != 0) return code;
  const std::string checkpoint =
      *kilm::training::checkpoint_before(config.train.out, std::numeric_limits<int64_t>::max());
  if (data.eval && !last.result()) evaluate(config, data, checkpoint + "/model", last);  // the run was at its end
  print(kilm::training::read_train_state(checkpoint).step, last, a.json);
  return 0;
}

// Tells whether somebody said --steps 0.
bool only_evaluates(const FinetuneSettings& settings) {
  bool none = false;
  each_given(settings.given, [&](const auto& row, const auto& given) {
    if constexpr (std::is_same_v<decltype(given), const std::optional<int64_t>&>)
      none = none || (std::string_view(row.name) == "steps" && given == 0);
  });
  return none;
}

int run_finetune(const Arguments& a) {
  const FinetuneConfig config = config_of(a.settings);
  kilm::finetuning::check(config);
  tensor::runtime(config.train.device);  // refused here if there is none
  if (a.settings.run) return train(a, config);
  require("model", config.train.model);
  check<UsageError>(a.settings.task.has_value(), "--task is required");
  kilm::bart::check_model_folder(config.train.model);
  check(a.settings.generation, kilm::bart::read_bart_config(config.train.model + "/config.json"));
  if (config.train.out.empty() && only_evaluates(a.settings)) return evaluate_only(a, config);
  require("data", config.train.data);
  check_new_run(config.train.out);
  return train(a, config);
}

}  // namespace

Command finetune() {
  return command<Arguments>(
      "finetune", "trains a model for a task, or evaluates it on one",
      "kilm finetune --model RUN --task classification --format cola --data train.tsv --eval dev.tsv --out cola\n"
      "kilm finetune --model RUN --task seq2seq --columns source=dialogue,target=summary --data a.jsonl --out sum\n"
      "kilm finetune --model cola --task classification --format cola --eval dev.tsv --steps 0 --json\n"
      "kilm finetune --resume cola",
      declare_finetune, run_finetune);
}

}  // namespace tools
