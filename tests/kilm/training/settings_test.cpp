#include "kilm/training/settings.h"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "kilm/training/step_batch.h"
#include "tensor/base/choice.h"
#include "tensor/base/error.h"
#include "tests/kilm/toy.h"

using base::Json;
using kilm::training::Setting;
using kilm::training::TrainConfig;

namespace {

// Returns a value that is allowed and not the default.
bool another(const Setting<bool>& row) { return !(TrainConfig{}.*row.member); }
std::string another(const Setting<std::string>& row) { return std::string("another ") + row.name; }
int64_t another(const Setting<int64_t>& row) { return TrainConfig{}.*row.member + 3; }
tensor::Device another(const Setting<tensor::Device>&) { return {tensor::DeviceType::cuda, 1}; }
double another(const Setting<double>& row) { return (TrainConfig{}.*row.member + 1) / 4; }
template <class E>
E another(const Setting<E>& row) {
  return row.allowed.back();
}

std::string refusal(const auto& change) {
  TrainConfig config;
  change(config);
  try {
    kilm::training::check(config);
  } catch (const base::UsageError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("every setting has a name and a member of its own, and an explanation") {
  std::set<std::string> names;
  const auto name = [&](const auto& row) { CHECK(names.insert(row.name).second); };
  each(kilm::training::kNotes, name);
  each(kilm::training::kSettings, name);
  each(kilm::training::kSettings, [](const auto& row) { CHECK(row.help != nullptr); });
  std::set<std::string> keys;
  const Json json = kilm::training::to_json(TrainConfig{});
  for (const auto& [key, value] : json.members()) keys.insert(key);
  CHECK(keys == names);
}

// One that shares its member with another row changes that one's field, too.
TEST_CASE("every setting is written into its field, and comes back from it") {
  const Json defaults = kilm::training::to_json(TrainConfig{});
  const auto comes_back = [&](const auto& row) {
    CAPTURE(row.name);
    TrainConfig config;
    config.*row.member = another(row);
    const Json json = kilm::training::to_json(config);
    for (const auto& [key, value] : json.members()) CHECK((value == defaults.at(key)) == (key != row.name));
    const TrainConfig read = kilm::training::train_config_from_json(base::parse_json(json.dump(), "x"), "x");
    CHECK(read.*row.member == config.*row.member);
    CHECK(kilm::training::to_json(read) == json);
  };
  each(kilm::training::kNotes, comes_back);
  each(kilm::training::kSettings, comes_back);
}

TEST_CASE("only a setting that came later may be missing, and then has its default") {
  const Json json = kilm::training::to_json(TrainConfig{});
  const auto without = [&](const auto& row) {
    CAPTURE(row.name);
    Json older = Json::object();
    for (const auto& [key, value] : json.members())
      if (key != row.name) older.set(key, value);
    if (row.later)
      CHECK(kilm::training::to_json(kilm::training::train_config_from_json(older, "x")) == json);
    else
      CHECK_THROWS_AS(kilm::training::train_config_from_json(older, "x"), base::DamagedInput);
  };
  each(kilm::training::kNotes, without);
  each(kilm::training::kSettings, without);
}

TEST_CASE("every choice of a setting is taken, and another word refused with the list") {
  int64_t taken = 0;
  each(kilm::training::kSettings, [&]<class T>(const Setting<T>& row) {
    if constexpr (std::is_enum_v<T>) {
      for (const T choice : row.allowed) {
        CHECK(refusal([&](TrainConfig& c) { c.*row.member = choice; }) == "");
        ++taken;
      }
      Json json = kilm::training::to_json(TrainConfig{});
      json.set(row.name, "nonsense");
      const std::string message = std::string("resolved.json: ") + row.name + ": nonsense should be " +
                                  base::alternatives(base::names_of(row.allowed));
      CHECK_THROWS_WITH_AS(kilm::training::train_config_from_json(json, "resolved.json"), message.c_str(),
                           base::DamagedInput);
    }
  });
  CHECK(taken == 18);
  Json json = kilm::training::to_json(TrainConfig{});
  json.set("schedule", "square");
  CHECK_THROWS_WITH_AS(kilm::training::train_config_from_json(json, "resolved.json"),
                       "resolved.json: schedule: square should be constant, linear, cosine or inverse_sqrt",
                       base::DamagedInput);
  CHECK(refusal([](TrainConfig& c) { c.dtype = tensor::DType::f16; }) == "dtype: f16 should be f32 or bf16");
}

TEST_CASE("a device in resolved.json that is none is damage") {
  Json json = kilm::training::to_json(TrainConfig{});
  CHECK(json.at("device") == Json("cpu"));
  json.set("device", "gpu");
  CHECK_THROWS_WITH_AS(kilm::training::train_config_from_json(json, "resolved.json"),
                       "resolved.json: device: gpu should be cpu, cuda or cuda:N", base::DamagedInput);
}

TEST_CASE("limits say where they are, and hold on them") {
  using namespace kilm::training;
  CHECK(at_least(2).objection(int64_t(2)) == "");
  CHECK(at_least(2).objection(int64_t(1)) == "1 should be at least 2");
  CHECK(at_least(0).objection(std::nan("")) == "nan should be at least 0");
  CHECK(between(1, 1 << 24).objection(int64_t(1 << 24)) == "");
  CHECK(between(1, 1 << 24).objection(int64_t(1)) == "");
  CHECK(between(1, 1 << 24).objection(int64_t(0)) == "0 should be at least 1");
  CHECK(between(1, 1 << 24).objection(int64_t(16777217)) == "16777217 should be at most 16777216");
  CHECK(closed(0.01, 500).objection(0.01) == "");
  CHECK(closed(0.01, 500).objection(500.0) == "");
  CHECK(closed(0.01, 500).objection(0.001) == "0.001 should be in [0.01, 500]");
  CHECK(closed(0.01, 500).objection(501.0) == "501 should be in [0.01, 500]");
  CHECK(half_open(0, 1).objection(0.0) == "");
  CHECK(half_open(0, 1).objection(1.0) == "1 should be in [0, 1)");
  CHECK(half_open(0, 1).objection(-0.5) == "-0.5 should be in [0, 1)");
  CHECK(above(0).objection(1e-300) == "");
  CHECK(above(0).objection(0.0) == "0 should be above 0");
  CHECK(any_number().objection(std::numeric_limits<int64_t>::min()) == "");
}

TEST_CASE("what came after the first version is known") {
  std::string later;
  const auto look = [&](const auto& row) { later += row.later ? std::string(row.name) + " " : ""; };
  each(kilm::training::kNotes, look);
  each(kilm::training::kSettings, look);
  CHECK(later ==
        "plain_data tokenizer data_digest model_digest plain_data_digest insert_masks permute_sentences "
        "mentions_per_window knowledge_side plain_ratio on_nonfinite patience device graphs ");
}

TEST_CASE("what the objective refuses, the settings refuse in the same words") {
  const auto both_refuse = [](auto member, auto value) {
    TrainConfig config = toy::train_config();
    config.*member = value;
    const std::string message = refusal([&](TrainConfig& c) { c = config; });
    CHECK(message != "");
    CHECK_THROWS_WITH_AS(kilm::objective::InfillObjective(toy::tokenizer(), kilm::training::infill_config(config)),
                         message.c_str(), base::UsageError);
  };
  for (const double rate : {-0.1, 1.0}) both_refuse(&TrainConfig::mask_rate, rate);
  for (const double lambda : {0.0099, 500.1}) both_refuse(&TrainConfig::lambda, lambda);
  for (const double share : {-0.1, 1.1}) both_refuse(&TrainConfig::permute_sentences, share);
  both_refuse(&TrainConfig::mentions_per_window, 0);
}

TEST_CASE("a resumed run may change what no finite step depends on") {
  std::string free;
  const auto look = [&](const auto& row) { free += row.free_to_change ? std::string(row.name) + " " : ""; };
  each(kilm::training::kNotes, look);
  each(kilm::training::kSettings, look);
  CHECK(free == "on_nonfinite patience device graphs threads ");
}
