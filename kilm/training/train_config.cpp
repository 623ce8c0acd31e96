#include "kilm/training/train_config.h"

#include <algorithm>

#include "kilm/training/settings.h"
#include "tensor/base/choice.h"
#include "tensor/base/format.h"

namespace kilm::training {

using base::Json;
using base::UsageError;

namespace {

// Stands for a value of any type, so that a class tells how many members it can be made from.
struct AnyValue {
  template <class T>
  operator T() const;
};
template <class C, class... Values>
constexpr size_t members_of() {
  if constexpr (requires { C{Values{}..., AnyValue{}}; })
    return members_of<C, Values..., AnyValue>();
  else
    return sizeof...(Values);
}
static_assert(members_of<TrainConfig>() == std::tuple_size_v<decltype(kNotes)> + std::tuple_size_v<decltype(kSettings)>,
              "each member of TrainConfig has one row in settings.h");

template <class F>
void each_row(F&& f) {
  each(kNotes, f);
  each(kSettings, f);
}

void read(const Json& json, NoLimits, bool& value) { value = json.as_bool(); }
void read(const Json& json, NoLimits, std::string& value) { value = json.as_string(); }
void read(const Json& json, NoLimits, tensor::Device& value) { value = tensor::parse_device(json.as_string()); }
void read(const Json& json, const Limits&, int64_t& value) { value = json.as_int(); }
void read(const Json& json, const Limits&, double& value) { value = json.as_number(); }
template <class E>
void read(const Json& json, std::span<const E> allowed, E& value) {
  value = base::parse_choice(json.as_string(), allowed);
}

template <class T>
Json json_of(const T& value) {
  if constexpr (std::is_enum_v<T>)
    return Json(name(value));
  else if constexpr (std::is_same_v<T, tensor::Device>)
    return Json(to_string(value));
  else
    return Json(value);
}

std::string objection(NoLimits, const auto&) { return ""; }
std::string objection(const Limits& limits, auto value) { return limits.objection(value); }
template <class E>
std::string objection(std::span<const E> allowed, E value) {
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return "";
  return base::format("{} should be {}", name(value), base::alternatives(base::names_of(allowed)));
}

// Refuses settings of which each may be as it is, but not beside the others.
void check_together(const TrainConfig& c) {
  base::check<UsageError>(c.steps > 0 || c.epochs > 0, "epochs: {} should be at least 1", c.epochs);
  base::check<UsageError>(c.patience == 0 || c.eval_every > 0, "patience: {} needs evaluations, eval every is 0",
                          c.patience);
  base::check<UsageError>(c.plain_data.empty() || c.plain_ratio > 0,
                          "plain data: {} needs a plain ratio above 0 to be shown", c.plain_data);
  const bool is_asked_for = c.knowledge_side == objective::KnowledgeSide::target;
  base::check<UsageError>(c.knowledge || (c.mentions_per_window == 1 && is_asked_for),
                          "knowledge: off leaves no use for mentions per window and knowledge side");
  const bool infills = c.mask_rate > 0, asks = c.knowledge && is_asked_for;
  base::check<UsageError>(
      c.weight_copy > 0 || (infills && c.weight_infill > 0) || (asks && c.weight_knowledge > 0),
      "loss weights: copy {}, infill {} and knowledge {} leave no token to learn from, with mask rate {}, knowledge {} "
      "and knowledge side {}",
      c.weight_copy, c.weight_infill, c.weight_knowledge, c.mask_rate, c.knowledge ? "on" : "off",
      name(c.knowledge_side));
}

}  // namespace

const char* name(Normalize normalize) {
  switch (normalize) {
    case Normalize::tokens: return "tokens";
    case Normalize::groups: return "groups";
  }
  base::fail("normalize: no such value");
}

const char* name(OnNonfinite on_nonfinite) {
  switch (on_nonfinite) {
    case OnNonfinite::stop: return "stop";
    case OnNonfinite::skip: return "skip";
  }
  base::fail("on nonfinite: no such value");
}

const char* name(Graphs graphs) {
  switch (graphs) {
    case Graphs::automatic: return "auto";
    case Graphs::on: return "on";
    case Graphs::off: return "off";
  }
  base::fail("graphs: no such value");
}

TrainConfig preset(const std::string& name) {
  base::check<UsageError>(name == "kilm", "preset: {} should be kilm", name);
  return {};
}

Json to_json(const TrainConfig& config) {
  Json json = Json::object();
  each_row([&](const auto& row) { json.set(row.name, json_of(config.*row.member)); });
  return json;
}

TrainConfig train_config_from_json(const Json& json, const std::string& place) {
  TrainConfig config;
  each_row([&](const auto& row) {
    if (row.later && !json.find(row.name)) return;
    try {
      read(json.at(row.name), row.allowed, config.*row.member);
    } catch (const base::Error& error) {
      throw base::DamagedInput(base::format("{}: {}: {}", place, row.name, error.what()));
    }
  });
  return config;
}

bool uses_graphs(const TrainConfig& config) {
  if (config.device.type != tensor::DeviceType::cuda) return false;
  return config.graphs == Graphs::on || (config.graphs == Graphs::automatic && config.batch_tokens <= kRecordedTokens);
}

void check(const TrainConfig& config) {
  each(kSettings, [&](const auto& row) {
    const std::string found = objection(row.allowed, config.*row.member);
    if (found.empty()) return;
    std::string label = row.label;
    std::replace(label.begin(), label.end(), '_', ' ');
    throw UsageError(label + ": " + found);
  });
  check_together(config);
}

}  // namespace kilm::training
