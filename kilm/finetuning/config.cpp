#include "kilm/finetuning/config.h"

#include <algorithm>

#include "kilm/training/settings.h"
#include "tensor/base/choice.h"
#include "tensor/base/format.h"
#include "tensor/base/json_lines.h"

namespace kilm::finetuning {

namespace {

using base::check;
using base::Json;
using base::UsageError;
using evaluation::Answer;

constexpr const char* kNotes[] = {"data", "model", "out", "tokenizer", "data_digest", "model_digest"};
constexpr const char* kShared[] = {
    "steps",        "epochs",        "seed",  "dtype",  "accumulate", "learning_rate", "schedule",     "warmup_steps",
    "weight_decay", "max_grad_norm", "beta1", "beta2",  "eps",        "recompute",     "on_nonfinite", "save_every",
    "eval_every",   "patience",      "keep",  "device", "graphs",     "threads"};

void read_own(const Json& json, FinetuneConfig& config) {
  using base::int_at;
  using base::string_at;
  config.task = base::entry_at(
      json, "task", [](const Json& value) { return base::parse_choice<TaskKind>(value.as_string(), kTaskKinds); });
  config.eval = string_at(json, "eval");
  config.eval_digest = string_at(json, "eval_digest");
  if (!json.at("format").is_null())
    config.format = base::parse_choice<evaluation::GlueTask>(string_at(json, "format"), evaluation::kGlueTasks);
  if (!string_at(json, "columns").empty()) config.columns = evaluation::parse_columns(string_at(json, "columns"));
  config.labels = int_at(json, "labels");
  config.batch_size = int_at(json, "batch_size");
  config.shuffle = base::entry_at(json, "shuffle", [](const Json& value) { return value.as_bool(); });
  config.label_smoothing = base::number_at(json, "label_smoothing");
  config.max_source_length = int_at(json, "max_source_length");
  config.max_target_length = int_at(json, "max_target_length");
  config.generation = json.at("generation");
  check(config.generation.is_object(), "generation: should be an object");
}

// Refuses settings of which each may be as it is, but not beside the others.
void check_together(const FinetuneConfig& c) {
  const std::string task = name(c.task);
  check<UsageError>(c.task != TaskKind::seq2seq || !c.format, "format: a table of {} has no texts for {} to say",
                    c.format ? name(*c.format) : "", task);
  check<UsageError>(c.task != TaskKind::regression || c.label_smoothing == 0, "label smoothing: {} has no labels",
                    task);
  check<UsageError>(c.task == TaskKind::classification || c.labels == 0, "labels: {} has no classes", task);
  check<UsageError>(c.task != TaskKind::classification || !c.format || classes(*c.format) > 1,
                    "format: {} asks for numbers, which is regression", c.format ? name(*c.format) : "");
  check<UsageError>(c.train.patience == 0 || !c.eval.empty(), "patience: {} needs --eval", c.train.patience);
  const bool says = c.task == TaskKind::seq2seq;
  check<UsageError>(says || c.max_target_length == 0, "max target length: {} has no texts to learn", task);
  check<UsageError>(says || c.generation.members().empty(), "generation: {} says no text, {} should not be given", task,
                    c.generation.dump());
  const auto& columns = c.columns;
  const bool of_texts = columns.source || columns.target;
  const bool of_labels = columns.sentence1 || columns.sentence2 || columns.label;
  check<UsageError>(c.task == TaskKind::seq2seq ? !of_labels : !of_texts, "columns: {} has {}", task,
                    c.task == TaskKind::seq2seq ? "source and target" : "sentence1, sentence2 and label");
}

}  // namespace

const char* name(TaskKind task) {
  switch (task) {
    case TaskKind::classification: return "classification";
    case TaskKind::regression: return "regression";
    case TaskKind::seq2seq: return "seq2seq";
  }
  base::fail("task: no such value");
}

Answer answer_of(TaskKind task) {
  if (task == TaskKind::seq2seq) return Answer::text;
  return task == TaskKind::regression ? Answer::number : Answer::label;
}

bool is_shared(const std::string& setting) { return std::ranges::find(kShared, setting) != std::end(kShared); }

Json to_json(const FinetuneConfig& config) {
  const Json train = to_json(config.train);
  Json json = Json::object({{"task", name(config.task)}});
  for (const char* key : kNotes) json.set(key, train.at(key));
  json.set("eval", config.eval);
  json.set("eval_digest", config.eval_digest);
  json.set("format", config.format ? Json(name(*config.format)) : Json());
  json.set("columns", to_text(config.columns));
  json.set("labels", config.labels);
  json.set("batch_size", config.batch_size);
  json.set("shuffle", config.shuffle);
  json.set("label_smoothing", config.label_smoothing);
  json.set("max_source_length", config.max_source_length);
  json.set("max_target_length", config.max_target_length);
  json.set("generation", config.generation);
  json.set("batch_tokens", config.train.batch_tokens);
  for (const char* key : kShared) json.set(key, train.at(key));
  return json;
}

FinetuneConfig finetune_config_from_json(const Json& json, const std::string& place) {
  FinetuneConfig config;
  Json train = to_json(config.train);
  try {
    for (const char* key : kNotes) train.set(key, json.at(key));
    for (const char* key : kShared) train.set(key, json.at(key));
    train.set("batch_tokens", json.at("batch_tokens"));
    read_own(json, config);
  } catch (const base::Error& error) {
    throw base::DamagedInput(place + ": " + error.what());
  }
  config.train = training::train_config_from_json(train, place);
  return config;
}

bool is_finetuning(const Json& resolved) { return resolved.find("task") != nullptr; }

void check(const FinetuneConfig& config) {
  training::check(config.train);
  const auto within = [](const char* setting, int64_t value, int64_t low, int64_t high) {
    check<UsageError>(value >= low && value <= high, "{}: {} should be {} to {}", setting, value, low, high);
  };
  within("labels", config.labels, 0, 1 << 20);
  check<UsageError>(config.labels != 1, "labels: 1 should be at least 2; one number is --task regression");
  within("batch size", config.batch_size, 1, 1 << 16);
  within("max source length", config.max_source_length, 0, 1 << 20);
  within("max target length", config.max_target_length, 0, 1 << 20);
  check<UsageError>(config.label_smoothing >= 0 && config.label_smoothing < 1,
                    "label smoothing: {} should be in [0, 1)", config.label_smoothing);
  check_together(config);
}

}  // namespace kilm::finetuning
