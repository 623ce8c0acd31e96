#include "kilm/training/checkpoint.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "kilm/job/manifest.h"
#include "tensor/base/error.h"
#include "tensor/base/file.h"
#include "tests/kilm/failing_calls.h"
#include "tests/kilm/toy.h"

using kilm::training::Checkpoints;
using kilm::training::TrainState;

namespace fs = std::filesystem;

namespace {

struct Model {
  kilm::bart::BartFolder folder = toy::bart();
  optim::FlatParameters parameters{folder.model};
  Model() {
    parameters.m.fill(0.5);
    parameters.v.fill(0.25);
  }
};

std::set<std::string> names_in(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename().string());
  return names;
}

void save(Checkpoints& checkpoints, Model& model, const TrainState& state) {
  checkpoints.write(model.folder, model.parameters, state);
  checkpoints.refer(state);
}

void flip_a_byte(const std::string& path) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(-5, std::ios::end);
  const char c = char(file.peek() ^ 1);
  file.seekp(-5, std::ios::end);
  file.put(c);
}

}  // namespace

TEST_CASE("a checkpoint brings everything back") {
  const Folder run;
  Model model;
  model.parameters.m.narrow(0, 3, 1).fill(-1);
  Checkpoints checkpoints(run.path.string(), 2);
  CHECK(!checkpoints.newest());
  const TrainState state{.step = 12,
                         .cursor = {3, 7, 5},
                         .windows = 30,
                         .plain_windows = 20,
                         .skipped = 4,
                         .skipped_in_a_row = 2,
                         .evaluated = 10,
                         .best_step = 12,
                         .best_loss = 0.1 + 0.2};
  save(checkpoints, model, state);
  const std::string path = checkpoints.newest().value();
  CHECK(path == run / "ckpt/step-00000012");
  CHECK(names_in(path) == std::set<std::string>{"manifest.json", "model", "optim-rank0.safetensors", "state.json"});
  CHECK(base::read_file(run / "ckpt/latest") == "step-00000012\n");
  CHECK(base::read_file(run / "ckpt/best") == "step-00000012\n");
  const TrainState again = kilm::training::read_train_state(path);
  CHECK(again.step == 12);
  CHECK(again.cursor == kilm::batching::Cursor{3, 7, 5});
  CHECK(again.plain_windows == 20);
  CHECK(again.skipped == 4);
  CHECK(again.skipped_in_a_row == 2);
  CHECK(again.evaluated == 10);
  CHECK(again.best_step == 12);
  CHECK(again.best_loss == 0.1 + 0.2);
  kilm::bart::BartFolder folder = kilm::bart::load_bart(path + "/model");
  optim::FlatParameters parameters(folder.model);
  kilm::training::load_optimizer(path, parameters);
  CHECK(toy::bytes_of(folder.model) == toy::bytes_of(model.folder.model));
  for (const auto& slice : parameters.slices()) {
    const auto equal = [&](const tensor::Tensor& a, const tensor::Tensor& b) {
      return toy::bytes_of(a.narrow(0, slice.begin, slice.count)) ==
             toy::bytes_of(b.narrow(0, slice.begin, slice.count));
    };
    CHECK(equal(parameters.m, model.parameters.m));
    CHECK(equal(parameters.v, model.parameters.v));
  }
}

TEST_CASE("with weights in bf16 the master copy comes back") {
  const Folder run;
  kilm::bart::BartFolder folder{"", kilm::bart::Bart(toy::bart_config(), nn::DType::bf16), toy::tokenizer(),
                                base::Json::object()};
  optim::FlatParameters parameters(folder.model);
  parameters.master.fill(1.0 / 3);
  Checkpoints checkpoints(run.path.string(), 2);
  checkpoints.write(folder, parameters, {.step = 1});
  kilm::bart::BartFolder again = kilm::bart::load_bart(run / "ckpt/step-00000001/model", nn::DType::bf16);
  optim::FlatParameters loaded(again.model);
  kilm::training::load_optimizer(run / "ckpt/step-00000001", loaded);
  const auto& slice = loaded.slices()[0];
  CHECK(loaded.master.narrow(0, slice.begin, slice.count).to_vector<float>() ==
        std::vector<float>(size_t(slice.count), 1.0f / 3));
}

TEST_CASE("a damaged checkpoint is passed over, and one without a best neighbour has none") {
  const Folder run;
  Model model;
  Checkpoints checkpoints(run.path.string(), 5);
  for (int64_t step = 1; step <= 3; ++step)
    save(checkpoints, model, {.step = step, .evaluated = step, .best_step = 1, .best_loss = 2});
  const std::string second = run / "ckpt/step-00000002", third = run / "ckpt/step-00000003";
  CHECK(checkpoints.newest() == third);
  for (const char* file : {"optim-rank0.safetensors", "model/model.safetensors", "state.json", "manifest.json"}) {
    const std::string path = third + "/" + file, bytes = base::read_file(path);
    flip_a_byte(path);
    CHECK_THROWS_AS(kilm::job::verify_manifest(third), base::DamagedInput);
    CHECK(checkpoints.newest() == second);
    std::ofstream(path, std::ios::binary) << bytes;
    CHECK(checkpoints.newest() == third);
  }
  fs::remove(third + "/manifest.json");
  CHECK(checkpoints.newest() == second);
  CHECK(kilm::training::read_train_state(second).best_step == 1);
  fs::remove_all(run / "ckpt/step-00000001");
  CHECK(kilm::training::read_train_state(second).best_step == -1);
  CHECK(kilm::training::read_train_state(second).best_loss == TrainState{}.best_loss);
  std::ofstream(second + "/state.json") << "{\"schema\": 4}";
  CHECK_THROWS_WITH_AS(kilm::training::read_train_state(second), (second + "/state.json: schema 4 is not 3").c_str(),
                       base::DamagedInput);
}

namespace {

// A file of a checkpoint while something is wrong with it.
class DamagedFile {
 public:
  DamagedFile(std::string checkpoint, const std::string& name)
      : checkpoint_(std::move(checkpoint)),
        path_(checkpoint_ + "/" + name),
        bytes_(base::read_file(path_)),
        descriptor_(::open(path_.c_str(), O_RDWR)) {}
  ~DamagedFile() {
    REQUIRE(::pwrite(descriptor_, bytes_.data(), bytes_.size(), 0) == ssize_t(bytes_.size()));
    ::close(descriptor_);
  }

  size_t size() const { return bytes_.size(); }
  // Returns the bytes of a safetensors file before its data.
  size_t header() const {
    uint64_t length;
    std::memcpy(&length, bytes_.data(), 8);
    return 8 + size_t(length);
  }

  // Tells whether the checkpoint is refused, naming this file, with another byte; the next one, if it is cut to this
  // size.
  bool noticed_flip(size_t at, char bits) const {
    const char changed = char(bytes_[at] ^ bits);
    return ::pwrite(descriptor_, &changed, 1, off_t(at)) == 1 && refused() &&
           ::pwrite(descriptor_, &bytes_[at], 1, off_t(at)) == 1;
  }
  bool noticed_cut(size_t size) const { return ::ftruncate(descriptor_, off_t(size)) == 0 && refused(); }

 private:
  bool refused() const {
    try {
      kilm::job::verify_manifest(checkpoint_);
    } catch (const base::DamagedInput& error) {
      return std::string_view(error.what()).starts_with(path_ + ":");
    }
    return false;
  }

  const std::string checkpoint_, path_, bytes_;
  const int descriptor_;
};

}  // namespace

TEST_CASE("each changed byte of a manifest or header, any of the data, and every cut of them is noticed") {
  kilm::bart::BartConfig config = toy::bart_config();
  config.d_model = config.encoder_ffn_dim = config.decoder_ffn_dim = 2;
  config.encoder_attention_heads = config.decoder_attention_heads = 1;
  config.max_position_embeddings = 4;
  kilm::bart::BartFolder folder = kilm::bart::new_bart(config, toy::tokenizer(), 1);
  const optim::FlatParameters parameters(folder.model);
  const Folder run;
  Checkpoints checkpoints(run.path.string(), 5);
  checkpoints.write(folder, parameters, {.step = 1});
  const std::string path = run / "ckpt/step-00000001";
  for (const char* other : {"vocab.json", "merges.txt", "tokenizer.json"}) fs::remove(path + "/model/" + other);
  kilm::job::write_manifest(path, base::Json::object());  // of fewer files, to be read a hundred thousand times
  const bool all = std::getenv("KILM_SOAK") != nullptr;   // else a share of the flips and cuts of tensors
  std::mt19937 random(5);
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    if (!entry.is_regular_file()) continue;
    const DamagedFile file(path, fs::relative(entry.path(), path).string());
    INFO(entry.path());
    const bool tensors = entry.path().extension() == ".safetensors", manifest = entry.path().stem() == "manifest";
    const size_t each = tensors ? file.header() : manifest ? file.size() : 0;
    size_t missed = 0;
    for (size_t at = 0; at < each; ++at)
      for (const char bits : {'\x01', '\x04', '\x80'})
        if (all || random() % 3 == 0) missed += !file.noticed_flip(at, bits);
    for (int i = manifest ? 0 : !tensors ? 100 : all ? 5000 : 500; i > 0; --i)
      missed += !file.noticed_flip(each + random() % (file.size() - each), char(1 << random() % 8));
    const size_t most = manifest || (tensors && all) ? 1 : 200;
    for (size_t left = file.size(); left > 0; left -= std::min<size_t>(left, 1 + random() % most))
      missed += !file.noticed_cut(left - 1);
    CHECK(missed == 0);
  }
  CHECK(checkpoints.newest() == path);
}

TEST_CASE("an optimizer state that does not fit is refused by name") {
  const Folder run;
  Model model;
  Checkpoints(run.path.string(), 1).write(model.folder, model.parameters, {.step = 1});
  kilm::bart::BartConfig config = toy::bart_config();
  config.encoder_ffn_dim = 48;
  kilm::bart::Bart wider(config);
  optim::FlatParameters parameters(wider);
  const std::string path = run / "ckpt/step-00000001";
  CHECK_THROWS_WITH_AS(kilm::training::load_optimizer(path, parameters),
                       (path + "/optim-rank0.safetensors: m.model.encoder.layers.0.fc1.weight is f32 [512], it should "
                               "be f32 [768]")
                           .c_str(),
                       base::DamagedInput);
}

TEST_CASE("leftovers of killed processes go, and checkpoints of an abandoned future are written again") {
  const Folder run;
  Model model;
  fs::create_directories(run / "ckpt/step-00000004.tmp-1-0/model");
  fs::create_directories(run / "ckpt/step-00000003");
  Checkpoints checkpoints(run.path.string(), 1);
  CHECK(names_in(run / "ckpt") == std::set<std::string>{"step-00000003"});
  CHECK(!checkpoints.newest());  // it has no manifest
  save(checkpoints, model, {.step = 3});
  CHECK(checkpoints.newest() == run / "ckpt/step-00000003");
}

// What is kept after every save: the latest, the best and, of the others, the newest `keep`.
TEST_CASE("rotation keeps the best, the latest and no more than it should") {
  std::mt19937 random(1);
  const auto below = [&](unsigned n) { return int64_t(random() % n); };
  Model model;
  for (int round = 0; round < 6; ++round) {
    INFO("round " << round);
    const Folder run;
    const int64_t keep = below(3);
    Checkpoints checkpoints(run.path.string(), keep);
    std::vector<int64_t> saved;
    TrainState state;
    for (int i = 0; i < 8; ++i) {
      state.step += 1 + below(5);
      if (below(3) == 0) state.best_step = state.step;
      save(checkpoints, model, state);
      saved.push_back(state.step);
      std::set<std::string> expected = {"latest", kilm::training::step_name(state.step)};
      if (state.best_step >= 0) expected.insert({"best", kilm::training::step_name(state.best_step)});
      int64_t others = 0;
      for (auto step = saved.rbegin() + 1; step != saved.rend() && others < keep; ++step)
        others += *step != state.best_step && expected.insert(kilm::training::step_name(*step)).second;
      CHECK(names_in(run / "ckpt") == expected);
      CHECK(checkpoints.newest() == run / "ckpt/" + kilm::training::step_name(state.step));
      if (state.best_step >= 0)
        CHECK(base::read_file(run / "ckpt/best") == kilm::training::step_name(state.best_step) + "\n");
    }
  }
}

TEST_CASE("whatever call fails while a checkpoint is written again, the old or the new one is there") {
  Model model;
  const Folder run;
  Checkpoints checkpoints(run.path.string(), 3);
  save(checkpoints, model, {.step = 1});
  int64_t n = 0;
  for (bool reached = true; reached; ++n) {
    INFO("call " << n);
    REQUIRE(n < 500);
    bool failed = false;
    {
      const FailingCall call(n, EIO);
      try {
        save(checkpoints, model, {.step = 1, .evaluated = n + 1});
      } catch (const base::Error&) {
        failed = true;
      }
      reached = call.reached();
    }
    const std::string newest = checkpoints.newest().value();
    const int64_t evaluated = kilm::training::read_train_state(newest).evaluated;
    CHECK((evaluated == n + 1 || (failed && evaluated <= n)));
  }
  CHECK(n > 50);
}

TEST_CASE("whatever call fails during a save, the checkpoints before are whole and the newest one loads") {
  Model model;
  const std::string weights = toy::bytes_of(model.folder.model);
  for (const int code : {EIO, ENOSPC, EINTR, 0}) {
    const Folder run;
    const std::string first = run / "ckpt/step-00000001", second = run / "ckpt/step-00000002";
    Checkpoints checkpoints(run.path.string(), 3);
    save(checkpoints, model, {.step = 1});
    int64_t n = 0;
    for (bool reached = true; reached; ++n) {
      INFO("error " << code << " at call " << n);
      REQUIRE(n < 500);
      bool failed = false;
      {
        const FailingCall call(n, code);
        try {
          save(checkpoints, model, {.step = 2});
        } catch (const base::Error& error) {
          failed = true;
          CHECK((dynamic_cast<const base::OutOfMemory*>(&error) != nullptr) == (code == ENOSPC));
        }
        reached = call.reached();
      }
      if (code == EINTR || code == 0) CHECK(!failed);
      kilm::job::verify_manifest(first);
      const std::string newest = checkpoints.newest().value();
      CHECK((newest == second || (failed && newest == first)));
      kilm::bart::BartFolder folder = kilm::bart::load_bart(newest + "/model");
      CHECK(toy::bytes_of(folder.model) == weights);
      for (const std::string& name : names_in(run / "ckpt")) CHECK(name.find(".tmp") == std::string::npos);
      fs::remove_all(second);
    }
    CHECK(n > 50);
  }
}
