#include "kilm/training/checkpoint_writer.h"

#include <doctest/doctest.h>

#include <cerrno>

#include "tensor/base/error.h"
#include "tensor/base/file.h"
#include "tests/kilm/toy.h"
#include "tests/second_device.h"

using kilm::training::TrainState;

namespace fs = std::filesystem;

namespace {

kilm::bart::BartFolder bart_on(tensor::Device device) {
  kilm::bart::BartFolder folder = toy::bart();
  nn::move(folder.model, device);
  return folder;
}

struct ToyWriter {
  explicit ToyWriter(tensor::Device device = {}) : folder(bart_on(device)) {}
  Folder run;
  kilm::bart::BartFolder folder;
  optim::FlatParameters parameters{folder.model};
  kilm::training::Checkpoints checkpoints{run.path.string(), 5};
  kilm::training::CheckpointWriter writer{checkpoints, folder, parameters, TrainState{}};

  bool has(const std::string& name) const { return fs::exists(run / "ckpt/" + name); }
};

}  // namespace

TEST_CASE("what was begun is there after the wait, and a second beginning waits for the first") {
  ToyWriter place;
  place.writer.wait();  // for nothing
  place.writer.start({.step = 1});
  place.writer.start({.step = 2});
  CHECK(place.has("step-00000001/manifest.json"));
  place.writer.wait();
  CHECK(place.checkpoints.newest() == place.run / "ckpt/step-00000002");
  CHECK(base::read_file(place.run / "ckpt/latest") == "step-00000002\n");
}

TEST_CASE("weights on another device are read in a stream of the writer's own, and are the same") {
  const tests::SecondDevice second;
  const auto written = [](tensor::Device device) {
    ToyWriter place(device);
    place.writer.start({.step = 1});
    place.writer.wait();
    return base::read_file(place.run / "ckpt/step-00000001/model/model.safetensors") +
           base::read_file(place.run / "ckpt/step-00000001/optim-rank0.safetensors");
  };
  CHECK((written(second.device) == written({})));
  CHECK(second.last_read() != 0);
}

TEST_CASE("a state that is saved is not written again, another one of its step is") {
  ToyWriter place;
  const std::string state = place.run / "ckpt/step-00000001/state.json";
  place.writer.start({.step = 1});
  place.writer.wait();
  const auto written = fs::last_write_time(state);
  place.writer.start({.step = 1});
  place.writer.wait();
  CHECK(fs::last_write_time(state) == written);
  place.writer.start({.step = 1, .evaluated = 1});
  place.writer.wait();
  CHECK(kilm::training::read_train_state(place.run / "ckpt/step-00000001").evaluated == 1);
}

TEST_CASE("a full disk is told by the wait, once, and nothing counts as saved") {
  ToyWriter place;
  base::FileSystem calls = base::file_system();
  calls.allocate = [](int, off_t, off_t) { return ENOSPC; };
  {
    const base::FileSystemGuard guard(calls);
    place.writer.start({.step = 1});
    CHECK_THROWS_AS(place.writer.wait(), base::OutOfMemory);
    place.writer.wait();
  }
  CHECK(!place.has("step-00000001"));
  CHECK(!place.has("latest"));
  place.writer.start({.step = 1});
  place.writer.wait();
  CHECK(place.has("step-00000001"));
}
