#include "kilm/training/train_config.h"

#include <algorithm>
#include <string_view>

#include "tensor/base/format.h"

namespace kilm::training {

using base::Json;
using base::UsageError;

namespace {

void read(const Json& json, int64_t& value) { value = json.as_int(); }
void read(const Json& json, double& value) { value = json.as_number(); }
void read(const Json& json, bool& value) { value = json.as_bool(); }
void read(const Json& json, std::string& value) { value = json.as_string(); }

template <class Config, class F>
void each_member(Config& config, F&& f) {
  f("data", config.data, "");
  f("model", config.model, "");
  f("out", config.out, "");
  f("plain_data", config.plain_data, "");
  f("tokenizer", config.tokenizer, "");
  f("data_digest", config.data_digest, "");
  f("model_digest", config.model_digest, "");
  f("plain_data_digest", config.plain_data_digest, "");
  each_setting(config, f);
}

bool came_later(std::string_view name) {
  constexpr std::string_view kLater[] = {"on_nonfinite",        "patience",       "insert_masks", "permute_sentences",
                                         "mentions_per_window", "knowledge_side", "plain_data",   "plain_ratio",
                                         "tokenizer",           "data_digest",    "model_digest", "plain_data_digest"};
  return std::find(std::begin(kLater), std::end(kLater), name) != std::end(kLater);
}

void check_choice(std::string name, const std::string& value) {
  const std::vector<std::string> all = choices(name);
  if (all.empty() || std::find(all.begin(), all.end(), value) != all.end()) return;
  std::string list;
  for (size_t i = 0; i < all.size(); ++i) list += (i == 0 ? "" : i + 1 == all.size() ? " or " : ", ") + all[i];
  std::replace(name.begin(), name.end(), '_', ' ');
  throw UsageError(base::format("{}: {} should be {}", name, value, list));
}

}  // namespace

std::vector<std::string> choices(std::string_view setting) {
  if (setting == "dtype") return {"f32", "bf16"};
  if (setting == "knowledge_side") return {"target", "source"};
  if (setting == "normalize") return {"tokens", "groups"};
  if (setting == "recompute") return {"none", "attention", "layer"};
  if (setting == "on_nonfinite") return {"stop", "skip"};
  if (setting == "schedule") return {"constant", "linear", "cosine", "inverse_sqrt"};
  return {};
}

TrainConfig preset(const std::string& name) {
  base::check<UsageError>(name == "kilm", "preset: {} should be kilm", name);
  return {};
}

Json to_json(const TrainConfig& config) {
  Json json = Json::object();
  each_member(config, [&](const char* name, const auto& value, const char*) { json.set(name, Json(value)); });
  return json;
}

TrainConfig train_config_from_json(const Json& json, const std::string& place) {
  TrainConfig config;
  each_member(config, [&](const char* name, auto& value, const char*) {
    if (came_later(name) && !json.find(name)) return;
    try {
      read(json.at(name), value);
    } catch (const base::Error& error) {
      throw base::DamagedInput(base::format("{}: {}: {}", place, name, error.what()));
    }
  });
  return config;
}

void check(const TrainConfig& c) {
  const auto at_least = [](const char* name, auto value, auto low) {
    base::check<UsageError>(value >= low, "{}: {} should be at least {}", name, value, low);
  };
  const auto at_most = [](const char* name, int64_t value, int64_t high) {
    base::check<UsageError>(value <= high, "{}: {} should be at most {}", name, value, high);
  };
  at_least("steps", c.steps, 0);
  at_least("epochs", c.epochs, c.steps > 0 ? 0 : 1);
  at_least("batch tokens", c.batch_tokens, 1);
  at_most("batch tokens", c.batch_tokens, 1 << 24);
  at_least("accumulate", c.accumulate, 1);
  at_most("accumulate", c.accumulate, 1 << 20);
  at_least("max length", c.max_length, 0);
  at_least("warmup steps", c.warmup_steps, 0);
  at_least("learning rate", c.learning_rate, 0.0);
  at_least("weight decay", c.weight_decay, 0.0);
  at_least("max grad norm", c.max_grad_norm, 0.0);
  for (double beta : {c.beta1, c.beta2})
    base::check<UsageError>(beta >= 0 && beta < 1, "beta: {} should be in [0, 1)", beta);
  base::check<UsageError>(c.eps > 0, "eps: {} should be above 0", c.eps);
  at_least("keep", c.keep, 0);
  at_least("save every", c.save_every, 0);
  at_least("eval every", c.eval_every, 0);
  at_least("patience", c.patience, 0);
  base::check<UsageError>(c.patience == 0 || c.eval_every > 0, "patience: {} needs evaluations, eval every is 0",
                          c.patience);
  at_least("eval windows", c.eval_windows, 0);
  at_least("eval mentions", c.eval_mentions, 0);
  at_least("threads", c.threads, 0);
  at_most("threads", c.threads, 1024);
  base::check<UsageError>(c.plain_ratio >= 0 && c.plain_ratio < 1, "plain ratio: {} should be in [0, 1)",
                          c.plain_ratio);
  base::check<UsageError>(c.plain_data.empty() || c.plain_ratio > 0,
                          "plain data: {} needs a plain ratio above 0 to be shown", c.plain_data);
  base::check<UsageError>(c.knowledge || (c.mentions_per_window == 1 && c.knowledge_side == "target"),
                          "knowledge: off leaves no use for mentions per window and knowledge side");
  for (double weight : {c.weight_copy, c.weight_infill, c.weight_knowledge}) at_least("loss weight", weight, 0.0);
  const bool infills = c.mask_rate > 0, asks = c.knowledge && c.knowledge_side == "target";
  base::check<UsageError>(
      c.weight_copy > 0 || (infills && c.weight_infill > 0) || (asks && c.weight_knowledge > 0),
      "loss weights: copy {}, infill {} and knowledge {} leave no token to learn from, with mask rate {}, knowledge {} "
      "and knowledge side {}",
      c.weight_copy, c.weight_infill, c.weight_knowledge, c.mask_rate, c.knowledge ? "on" : "off", c.knowledge_side);
  each_setting(c, []<class T>(const char* name, const T& value, const char*) {
    if constexpr (std::is_same_v<T, std::string>) check_choice(name, value);
  });
}

}  // namespace kilm::training
