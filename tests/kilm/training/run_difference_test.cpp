#include "kilm/training/run_difference.h"

#include <doctest/doctest.h>

#include "kilm/training/checkpoint.h"
#include "kilm/training/run_log.h"
#include "tensor/base/error.h"
#include "tensor/base/file.h"
#include "tests/kilm/toy.h"

namespace fs = std::filesystem;

namespace {

std::string step_line(double loss, double seconds) {
  return kilm::training::to_json(kilm::training::StepReport{.step = 1, .loss = loss, .seconds = seconds}).dump();
}

// Two runs of one saved step.
struct Runs {
  Folder folder;
  kilm::bart::BartFolder model = toy::bart();
  optim::FlatParameters parameters{model.model};
  std::string logs[2] = {step_line(2, 1), step_line(2, 1.5)};

  void save(int which, const kilm::training::TrainState& state = {.step = 1}) {
    const std::string run = folder / std::to_string(which);
    kilm::training::Checkpoints checkpoints(run, 1);
    checkpoints.write(model, parameters, state);
    checkpoints.refer(state);
    base::write_file_atomically(run + "/log.jsonl", logs[which] + "\n");
  }
  std::string difference() { return kilm::training::first_difference(folder / "0", folder / "1").value_or("none"); }
};

}  // namespace

TEST_CASE("two runs that did the same differ in nothing but time") {
  Runs runs;
  runs.save(0);
  runs.save(1);
  CHECK(runs.difference() == "none");
}

TEST_CASE("the first difference is named") {
  Runs runs;
  runs.save(0);
  const auto slice = runs.parameters.slices()[3];
  SUBCASE("a weight") {
    runs.parameters.working.narrow(0, slice.begin + slice.count - 1, 1).fill(-0.0);
    runs.save(1);
    CHECK(runs.difference() == "model/model.safetensors: " + slice.name + " differs");
  }
  SUBCASE("a moment") {
    runs.parameters.v.narrow(0, slice.begin, 1).fill(1);
    runs.save(1);
    CHECK(runs.difference() == "optim-rank0.safetensors: v." + slice.name + " differs");
  }
  SUBCASE("the state") {
    runs.save(1, {.step = 1, .cursor = {0, 7}});
    CHECK(runs.difference().starts_with("state.json: {\"schema\": 3, \"step\": 1, \"epoch\": 0, \"index\": 0,"));
  }
  SUBCASE("the last step") {
    runs.save(1, {.step = 2});
    CHECK(runs.difference() == "ckpt/latest: step-00000001 and step-00000002");
  }
  SUBCASE("a line of the log") {
    runs.logs[1] = step_line(3, 1);
    runs.save(1);
    CHECK(runs.difference().starts_with(R"(log.jsonl: line 1 is {"step": 1, "epoch": 0.0, "loss": 2.0,)"));
    CHECK(runs.difference().find(R"(} and {"step": 1, "epoch": 0.0, "loss": 3.0,)") != std::string::npos);
  }
  SUBCASE("a line that is missing") {
    runs.logs[1] += "\n" + kilm::training::to_json(kilm::training::EvaluationRecord{.step = 1}).dump();
    runs.save(1);
    CHECK(runs.difference() == "log.jsonl: 1 and 2 lines");
  }
  SUBCASE("other tensors") {
    const std::string path = "/ckpt/step-00000001/optim-rank0.safetensors";
    runs.save(1);
    const tensor::NamedTensor m{"m.a", runs.parameters.m}, v{"v.a", runs.parameters.v};
    const tensor::NamedTensor shorter{"m.a", runs.parameters.m.narrow(0, 0, 4)};
    tensor::write_safetensors(runs.folder / "0" + path, std::vector{m});
    tensor::write_safetensors(runs.folder / "1" + path, std::vector{m, v});
    CHECK(runs.difference() == "optim-rank0.safetensors: one has more tensors than the other");
    tensor::write_safetensors(runs.folder / "1" + path, std::vector{v});
    CHECK(runs.difference() == "optim-rank0.safetensors: m.a is in one only");
    tensor::write_safetensors(runs.folder / "1" + path, std::vector{shorter});
    CHECK(runs.difference().starts_with("optim-rank0.safetensors: m.a is f32 ["));
  }
}
