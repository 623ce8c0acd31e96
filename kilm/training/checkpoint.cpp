#include "kilm/training/checkpoint.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "kilm/job/manifest.h"
#include "tensor/base/file.h"
#include "tensor/format.h"
#include "tensor/io/safetensors.h"

namespace kilm::training {

namespace {

namespace fs = std::filesystem;
using base::Json;

constexpr int64_t kSchema = 3;

struct Role {
  const char* prefix;
  tensor::Tensor flat;
};

// Returns the flat buffers that are not the model's weights. The master copy is one of them only where weights are
// bf16.
std::vector<Role> roles(const optim::FlatParameters& p) {
  std::vector<Role> result = {{"m.", p.m}, {"v.", p.v}};
  if (p.working.dtype() != p.master.dtype()) result.push_back({"master.", p.master});
  return result;
}

Json state_json(const TrainState& state) {
  Json json = Json::object();
  json.set("schema", kSchema);
  json.set("step", state.step);
  json.set("epoch", state.cursor.epoch);
  json.set("index", state.cursor.index);
  json.set("windows", state.windows);
  if (state.plain_windows > 0) {
    json.set("plain", state.cursor.plain);
    json.set("plain_windows", state.plain_windows);
  }
  json.set("skipped", state.skipped);
  json.set("skipped_in_a_row", state.skipped_in_a_row);
  json.set("evaluated", state.evaluated);
  json.set("stale", state.stale);
  json.set("best_step", state.best_step);
  json.set("best_loss", state.best_loss);  // null while there is none
  return json;
}

// Returns the steps of the finished checkpoints, ascending.
std::vector<int64_t> steps_in(const std::string& folder) {
  std::vector<int64_t> steps;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.size() == 13 && name.starts_with("step-") &&
        std::all_of(name.begin() + 5, name.end(), [](char c) { return c >= '0' && c <= '9'; }))
      steps.push_back(std::stoll(name.substr(5)));
  }
  std::sort(steps.begin(), steps.end());
  return steps;
}

}  // namespace

std::string step_name(int64_t step) {
  char name[32];
  std::snprintf(name, sizeof name, "step-%08lld", static_cast<long long>(step));
  return name;
}

Checkpoints::Checkpoints(std::string run, int64_t keep) : run_(std::move(run)), folder_(run_ + "/ckpt"), keep_(keep) {
  fs::create_directories(folder_);
  base::remove_unfinished(folder_);
}

void Checkpoints::write(bart::BartFolder& folder, const optim::FlatParameters& parameters, const TrainState& state) {
  const std::string target = folder_ + "/" + step_name(state.step);
  base::AtomicDirectory directory(target);
  const std::string& at = directory.temporary();
  base::make_directory(at + "/model");
  std::map<std::string, base::Digests> known;
  known["model/model.safetensors"] =
      bart::save_bart(at + "/model", folder.model, folder.tokenizer, folder.generation_config, folder.head);
  std::vector<tensor::NamedTensor> tensors;
  for (const Role& role : roles(parameters))
    for (const auto& slice : parameters.slices())
      tensors.push_back({role.prefix + slice.name, role.flat.narrow(0, slice.begin, slice.count)});
  known["optim-rank0.safetensors"] = tensor::write_safetensors(at + "/optim-rank0.safetensors", tensors);
  base::write_file_atomically(at + "/state.json", state_json(state).dump(2) + "\n");
  Json head = Json::object();
  head.set("schema", kSchema);
  head.set("step", state.step);
  job::write_manifest(at, std::move(head), known);
  if (fs::exists(target))  // an earlier state of this step, or a damaged one that was passed over at the start
    directory.replace();
  else
    directory.commit();
}

void Checkpoints::refer(const TrainState& state) {
  base::write_file_atomically(folder_ + "/latest", step_name(state.step) + "\n");
  if (state.best_step >= 0)
    base::write_file_atomically(folder_ + "/best", step_name(state.best_step) + "\n");
  else
    fs::remove(folder_ + "/best");
  std::vector<int64_t> older = steps_in(folder_);
  std::erase_if(older, [&](int64_t step) { return step >= state.step || step == state.best_step; });
  for (size_t i = 0; i + size_t(keep_) < older.size(); ++i) {
    const std::string path = folder_ + "/" + step_name(older[i]);
    base::rename(path, path + ".tmp-old");  // so that no half-removed folder has a checkpoint's name
    fs::remove_all(path + ".tmp-old");
  }
}

std::optional<std::string> Checkpoints::newest() const { return newest_whole(run_); }

std::optional<std::string> newest_whole(const std::string& run) {
  const std::string folder = run + "/ckpt";
  if (!fs::exists(folder)) return std::nullopt;
  const std::vector<int64_t> steps = steps_in(folder);
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    const std::string path = folder + "/" + step_name(*step);
    try {
      job::verify_manifest(path);
      return path;
    } catch (const base::Error& error) {
      std::fprintf(stderr, "%s; trying the checkpoint before it\n", error.what());
    }
  }
  return std::nullopt;
}

std::optional<std::string> checkpoint_before(const std::string& run, int64_t step) {
  const std::string folder = run + "/ckpt";
  if (!fs::exists(folder)) return std::nullopt;
  const std::vector<int64_t> steps = steps_in(folder);
  const auto end = std::lower_bound(steps.begin(), steps.end(), step);
  if (end == steps.begin()) return std::nullopt;
  return folder + "/" + step_name(*(end - 1));
}

TrainState read_train_state(const std::string& checkpoint) {
  const std::string path = checkpoint + "/state.json";
  const Json json = base::read_json_file(path);
  try {
    base::check<base::DamagedInput>(json.at("schema").as_int() == kSchema, "schema {} is not {}",
                                    json.at("schema").as_int(), kSchema);
    TrainState state{.step = json.at("step").as_int(),
                     .cursor = {json.at("epoch").as_int(), json.at("index").as_int()},
                     .windows = json.at("windows").as_int(),
                     .skipped = json.at("skipped").as_int(),
                     .skipped_in_a_row = json.at("skipped_in_a_row").as_int(),
                     .evaluated = json.at("evaluated").as_int(),
                     .stale = json.at("stale").as_int(),
                     .best_step = json.at("best_step").as_int()};
    if (json.find("plain_windows")) {
      state.cursor.plain = json.at("plain").as_int();
      state.plain_windows = json.at("plain_windows").as_int();
    }
    const std::string siblings = fs::path(checkpoint).parent_path().string();
    if (fs::exists(siblings + "/" + step_name(state.best_step)))
      state.best_loss = json.at("best_loss").as_number();
    else
      state.best_step = -1;
    return state;
  } catch (const base::Error& error) {
    throw base::DamagedInput(path + ": " + error.what());
  }
}

void load_optimizer(const std::string& checkpoint, optim::FlatParameters& parameters) {
  const auto file = tensor::SafetensorsFile::open(checkpoint + "/optim-rank0.safetensors");
  for (const Role& role : roles(parameters)) {
    for (const auto& slice : parameters.slices()) {
      const std::string name = role.prefix + slice.name;
      base::check<base::DamagedInput>(file.contains(name), "{}: {} is missing", file.path(), name);
      const tensor::Tensor given = file.tensor(name);
      base::check<base::DamagedInput>(given.numel() == slice.count && given.dtype() == role.flat.dtype(),
                                      "{}: {} is {} {}, it should be {} [{}]", file.path(), name, given.dtype(),
                                      given.shape(), role.flat.dtype(), slice.count);
      tensor::Tensor target = role.flat.narrow(0, slice.begin, slice.count);
      target.copy_from(given);
    }
  }
}

}  // namespace kilm::training
