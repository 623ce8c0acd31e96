#include "tools/commands/finetune_settings.h"

#include <filesystem>

#include "kilm/bart/folder.h"

namespace tools {

namespace {

using base::check;
using base::UsageError;
using kilm::finetuning::FinetuneConfig;

FinetuneConfig config_of_run(const std::string& run) {
  std::optional<FinetuneConfig> config = finetune_config_of_run(run);
  check<UsageError>(config.has_value(), "{}: is a run of kilm train; kilm train --resume continues it", run);
  return *std::move(config);
}

// Takes what only fine-tuning has. A resumed run keeps all but what changes no result.
void apply_own(const FinetuneSettings& s, FinetuneConfig& config, bool resumed) {
  apply(s.task, "task", config.task, !resumed);
  apply(s.labels, "labels", config.labels, !resumed);
  apply(s.batch_size, "batch size", config.batch_size, !resumed);
  apply(s.shuffle, "shuffle", config.shuffle, !resumed);
  apply(s.label_smoothing, "label smoothing", config.label_smoothing, !resumed);
  apply(s.max_source_length, "max source length", config.max_source_length, !resumed);
  apply(s.max_target_length, "max target length", config.max_target_length, !resumed);
  apply(s.batch_tokens, "batch tokens", config.train.batch_tokens, true);
  if (s.format) {
    check<UsageError>(!resumed || s.format == config.format, "format: {} is not what the run began with",
                      name(*s.format));
    config.format = s.format;
  }
  if (s.columns) {
    const kilm::evaluation::Columns columns = kilm::evaluation::parse_columns(*s.columns);
    check<UsageError>(!resumed || to_text(columns) == to_text(config.columns),
                      "columns: {} are not those that the run began with", *s.columns);
    config.columns = columns;
  }
  const base::Json generation = to_json(s.generation);
  if (generation.members().empty()) return;
  check<UsageError>(!resumed || generation == config.generation, "generation: {} is not the {} that the run began with",
                    generation.dump(), config.generation.dump());
  config.generation = generation;
}

}  // namespace

void declare(Options& options, FinetuneSettings& s) {
  using kilm::evaluation::kGlueTasks;
  const FinetuneConfig defaults;
  options.add("--model DIR", s.model, "model folder to start from, or a run folder: its best checkpoint");
  options.add("--task NAME", s.task, kilm::finetuning::kTaskKinds,
              "classification: a class of each text or pair; regression: a number; seq2seq: a text");
  options.add("--data FILE", s.data, "examples to learn from: JSON lines, or a table with --format");
  options.add("--eval FILE", s.eval, "examples to evaluate on, in the same format");
  options.add("--format NAME", s.format, kGlueTasks, "the files are tables of GLUE, with the columns of this task");
  options.add("--columns LIST", s.columns,
              "fields or columns with other names: sentence1=A,sentence2=B,label=C or source=A,target=B");
  options.add("--labels N", s.labels, "classes of a new head (default those of --format, else 2)");
  options.add("--batch-size N", s.batch_size,
              base::format("examples of a micro-batch (default {})", defaults.batch_size));
  options.add("--shuffle on|off", s.shuffle, "off: examples in the order of the file (default on)");
  options.add("--label-smoothing X", s.label_smoothing,
              "share of the loss that asks for all classes or tokens alike (default 0)");
  options.add("--max-source-length N", s.max_source_length,
              "tokens of a text or pair at most; 0: the positions of the model (default 0)");
  options.add("--max-target-length N", s.max_target_length,
              "tokens of a text to learn at most; 0: the positions of the model (default 0)");
  declare(options, s.given, defaults.train, kilm::finetuning::is_shared);
  declare(options, s.generation);
  options.add("--batch-tokens N", s.batch_tokens,
              base::format("tokens that are decoded together; results do not depend on it (default {})",
                           defaults.train.batch_tokens));
  options.config_file();
}

std::optional<FinetuneConfig> finetune_config_of_run(const std::string& run) {
  const std::string path = run + "/resolved.json";
  check<UsageError>(std::filesystem::is_regular_file(path), "{}: is no run, it has no resolved.json", run);
  const base::Json json = base::read_json_file(path);
  if (!kilm::finetuning::is_finetuning(json)) return std::nullopt;
  FinetuneConfig config = kilm::finetuning::finetune_config_from_json(json, path);
  config.train.out = *absolute(run);  // wherever it was moved
  return config;
}

FinetuneConfig config_of(const FinetuneSettings& settings) {
  const bool resumed = settings.run.has_value();
  FinetuneConfig config = resumed ? config_of_run(*settings.run) : FinetuneConfig();
  const std::optional<std::string> model =
      settings.model ? absolute(kilm::bart::verified_model_folder(*settings.model)) : std::nullopt;
  if (resumed)
    move_to(model, "model", config.train.model, config.train.model_digest, kilm::bart::model_digest);
  else
    config.train.model = model.value_or("");
  check<UsageError>(!resumed || !settings.eval || !config.eval.empty(), "eval: {} is given, the run began without",
                    settings.eval.value_or(""));
  config.train.data = absolute(settings.data).value_or(config.train.data);
  config.eval = absolute(settings.eval).value_or(config.eval);
  apply(absolute(settings.out), "out", config.train.out, !resumed);
  apply(settings.given, config.train, resumed);
  apply_own(settings, config, resumed);
  return config;
}

}  // namespace tools
