#include "kilm/training/run.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "kilm/job/manifest.h"
#include "kilm/job/stop_signal.h"
#include "tensor/base/device_failure.h"
#include "tensor/base/file.h"
#include "tensor/base/threads.h"
#include "tensor/work_count.h"
#include "tests/kilm/failing_calls.h"
#include "tests/kilm/toy.h"
#include "tests/kilm/vocabulary_files.h"
#include "tests/second_device.h"

using base::Json;
using kilm::training::TrainConfig;

namespace fs = std::filesystem;

namespace {

// A model folder to start from, and runs beside it.
struct Place {
  Folder folder;
  TrainConfig config = toy::train_config();
  Place() {
    kilm::bart::BartFolder start = toy::bart();
    fs::create_directories(folder / "model");
    kilm::bart::save_bart(folder / "model", start.model, start.tokenizer, start.generation_config);
    config.model = folder / "model";
    config.out = folder / "run";
    config.steps = 9;
    config.save_every = 2;
    config.eval_every = 3;
    config.keep = 2;
  }
  std::string ckpt(int64_t step) const { return config.out + "/ckpt/" + kilm::training::step_name(step); }
};

// Takes the loss of the model without dropout for an evaluation. It raises SIGTERM after step `stop`, or, negative, is
// ended by it.
kilm::training::Evaluate evaluate_and_stop(int64_t stop = 0) {
  return [stop](const kilm::bart::Bart& model, const kilm::objective::InfillObjective& objective, int64_t step,
                const std::function<bool()>&) -> std::optional<kilm::training::Evaluation> {
    if (step == -stop) {
      std::raise(SIGTERM);
      return std::nullopt;
    }
    kilm::training::Evaluation evaluation;
    const kilm::objective::Example example = objective.make("the town 3 lies", {}, {});
    const auto packed = [&](const std::vector<int32_t>& ids) {
      return kilm::bart::Packed::of({&ids, 1}, {}, model.device());
    };
    autograd::NoGrad no_grad;
    const tensor::Tensor hidden =
        model
            .forward(packed(example.source), packed(example.decoder_input(objective.tokenizer())), nn::Mode::evaluation)
            .value();
    evaluation.loss = std::abs(hidden.narrow(0, 0, 1).narrow(1, 0, 1).item());
    evaluation.records.push_back({step, kilm::dataset::Split::seen, {.infill_loss = evaluation.loss}});
    return evaluation;
  };
}

// Returns data that raise SIGTERM when the n-th window of this process is read.
kilm::dataset::WindowSet stopping(int64_t n, kilm::dataset::WindowSet windows = toy::windows()) {
  auto left = std::make_shared<int64_t>(n);
  windows.get = [get = windows.get, left](int64_t i) {
    if (--*left == 0) std::raise(SIGTERM);
    return get(i);
  };
  return windows;
}

std::vector<Json> log_of(const TrainConfig& config) {
  std::vector<Json> lines;
  std::stringstream file(base::read_file(config.out + "/log.jsonl"));
  for (std::string line; std::getline(file, line);) lines.push_back(base::parse_json(line, "log.jsonl"));
  return lines;
}

// Returns the log without what the clock decides, and without the whole loss where that is not wanted.
std::string timeless(const TrainConfig& config, bool with_loss = true) {
  std::string text;
  for (const kilm::training::LogRecord& record : kilm::training::read_run_log(config.out + "/log.jsonl")) {
    Json line = kilm::training::timeless(record);
    if (!with_loss && line.find("loss")) line.set("loss", Json());
    text += line.dump() + "\n";
  }
  return text;
}

void check_equal(const Place& a, const Place& b, int64_t step, bool same_best = true, bool same_loss = true) {
  for (const char* file : {"/model/model.safetensors", "/optim-rank0.safetensors", "/state.json"})
    if (same_best || file != std::string_view("/state.json"))
      CHECK(base::read_file(a.ckpt(step) + file) == base::read_file(b.ckpt(step) + file));
  CHECK(timeless(a.config, same_loss) == timeless(b.config, same_loss));
}

// Of a run on another device. There micro-batches are closed, and the sum of a step's weighted losses, which is not
// more than told, is one of more rows. All else has the same bits.
void check_equal_elsewhere(const Place& a, const Place& b, int64_t step) {
  check_equal(a, b, step, /*same_best=*/true, /*same_loss=*/false);
}

}  // namespace

TEST_CASE("a run leaves its settings, a log with every step once, and the checkpoints that it should") {
  Place place;
  CHECK(kilm::training::train(place.config, toy::windows(), evaluate_and_stop()) == 0);
  const Json resolved = base::read_json_file(place.config.out + "/resolved.json");
  CHECK(kilm::training::to_json(kilm::training::train_config_from_json(resolved, "resolved.json")) ==
        kilm::training::to_json(place.config));
  int64_t steps = 0, evaluations = 0;
  for (const Json& line : log_of(place.config)) {
    if (line.find("eval"))
      CHECK(line.at("step").as_int() == 3 * ++evaluations);
    else
      CHECK(line.at("step").as_int() == ++steps);
  }
  CHECK(steps == 9);
  CHECK(evaluations == 3);
  CHECK(base::read_file(place.config.out + "/ckpt/latest") == "step-00000009\n");
  CHECK(fs::exists(kilm::bart::model_folder(place.config.out) + "/model.safetensors"));
  CHECK(kilm::bart::load_bart(place.ckpt(9) + "/model").tokenizer->kilm_tokens().sep == 269);
}

TEST_CASE("a finished run that is resumed changes nothing") {
  Place place;
  CHECK(kilm::training::train(place.config, toy::windows(), evaluate_and_stop()) == 0);
  const std::string log = base::read_file(place.config.out + "/log.jsonl");
  const auto written = fs::last_write_time(place.ckpt(9));
  CHECK(kilm::training::train(place.config, toy::windows(), evaluate_and_stop()) == 0);
  CHECK(base::read_file(place.config.out + "/log.jsonl") == log);
  CHECK(fs::last_write_time(place.ckpt(9)) == written);
}

TEST_CASE("a run that is stopped anywhere and resumed equals one that is not, bit for bit") {
  Place whole;
  REQUIRE(kilm::training::train(whole.config, toy::windows(), evaluate_and_stop()) == 0);
  std::mt19937 random(3);
  for (int round = 0; round < 4; ++round) {
    INFO("round " << round);
    Place stopped;
    int stops = 0;
    for (;; ++stops) {
      REQUIRE(stops < 20);
      const int code = kilm::training::train(stopped.config, stopping(1 + int64_t(random() % 40)), evaluate_and_stop());
      if (code == 0) break;
      REQUIRE(code == kilm::job::kRestartMe);
    }
    CHECK(stops > 0);
    check_equal(whole, stopped, 9);
  }
}

TEST_CASE("a run on another device writes the same bytes, and may go on on the CPU and there again") {
  const tests::SecondDevice second;
  for (const tensor::DType dtype : {tensor::DType::f32, tensor::DType::bf16}) {
    Place host, moving;
    host.config.dtype = moving.config.dtype = dtype;
    REQUIRE(kilm::training::train(host.config, toy::windows(), evaluate_and_stop()) == 0);
    for (const int64_t windows : {17, 26, 0}) {  // that are read before it is stopped; 0: it is not
      moving.config.device = windows == 26 ? tensor::Device{} : second.device;
      const int code = kilm::training::train(moving.config, stopping(windows), evaluate_and_stop());
      CHECK(code == (windows == 0 ? 0 : kilm::job::kRestartMe));
      const Json resolved = base::read_json_file(moving.config.out + "/resolved.json");
      CHECK(resolved.at("device") == Json(to_string(moving.config.device)));
    }
    check_equal_elsewhere(host, moving, 9);
  }
}

TEST_CASE("a run whose device fails, or is full, says so, and is resumed bit for bit") {
  Place whole;
  REQUIRE(kilm::training::train(whole.config, toy::windows(), evaluate_and_stop()) == 0);
  {
    tests::SecondDevice second;
    Place place;
    place.config.device = second.device;
    std::string message;
    second.fail_kernel(2000);
    try {
      kilm::training::train(place.config, toy::windows(), evaluate_and_stop());
    } catch (const base::DeviceFailure& failure) {
      message = failure.what();
    }
    CHECK(message.starts_with("step "));
    CHECK(message.find(" of f32 [") != std::string::npos);
    CHECK(message.find(": cuda:0: it failed; kilm train --resume " + place.config.out) != std::string::npos);
    REQUIRE(kilm::training::train(place.config, toy::windows(), evaluate_and_stop()) == 0);
    check_equal_elsewhere(whole, place, 9);
  }
  tests::SecondDevice second;
  Place place;
  place.config.device = second.device;
  std::string message;
  const kilm::training::Evaluate evaluate_and_fill = [&](const kilm::bart::Bart& model,
                                                         const kilm::objective::InfillObjective& objective,
                                                         int64_t step, const std::function<bool()>& stop) {
    if (step == 3) {
      second.limit_memory(0);  // there is no more
      tensor::Tensor::zeros({int64_t(1) << 24}, tensor::DType::f32, second.device);
    }
    return evaluate_and_stop()(model, objective, step, stop);
  };
  try {
    kilm::training::train(place.config, toy::windows(), evaluate_and_fill);
  } catch (const base::OutOfDeviceMemory& full) {
    message = full.what();
  }
  CHECK(message.starts_with("out of memory on cuda:0: asked "));
  CHECK(message.find("; largest live: ") != std::string::npos);
  second.limit_memory(SIZE_MAX);
  REQUIRE(kilm::training::train(place.config, toy::windows(), evaluate_and_stop()) == 0);
  check_equal_elsewhere(whole, place, 9);
}

TEST_CASE("an evaluation that was cut off is made up for") {
  Place whole;
  REQUIRE(kilm::training::train(whole.config, toy::windows(), evaluate_and_stop()) == 0);
  for (const int64_t step : {3, 9}) {
    Place stopped;
    CHECK(kilm::training::train(stopped.config, toy::windows(), evaluate_and_stop(-step)) == kilm::job::kRestartMe);
    CHECK(log_of(stopped.config).back().at("step").as_int() == step);
    CHECK(kilm::training::train(stopped.config, toy::windows(), evaluate_and_stop()) == 0);
    check_equal(whole, stopped, 9);
    CHECK(base::read_file(stopped.config.out + "/ckpt/best") == base::read_file(whole.config.out + "/ckpt/best"));
  }
}

namespace {

// Returns losses for the evaluations at steps 2, 4, ... SIGTERM comes at step `stop`, before its evaluation ends if
// that is negative.
kilm::training::Evaluate losses(std::vector<double> values, int64_t stop = 0) {
  return [=](const kilm::bart::Bart&, const kilm::objective::InfillObjective&, int64_t step,
             const std::function<bool()>&) -> std::optional<kilm::training::Evaluation> {
    if (std::abs(stop) == step) std::raise(SIGTERM);
    if (stop == -step) return std::nullopt;
    return kilm::training::Evaluation{.records = {{.step = step}}, .loss = values[size_t(step / 2 - 1)]};
  };
}

}  // namespace

TEST_CASE("a run ends early once as many evaluations in a row as it has patience were not better") {
  const auto last_step = [](Place& place, int64_t patience, const std::vector<double>& values) {
    place.config.steps = 12;
    place.config.eval_every = 2;
    place.config.save_every = 4;
    place.config.patience = patience;
    CHECK(kilm::training::train(place.config, toy::windows(), losses(values)) == 0);
    return log_of(place.config).back().at("step").as_int();
  };
  const std::vector<double> values = {5, 4, 4, 3, 3.5, 3.1};
  Place off, one, two, nan;
  CHECK(last_step(off, 0, values) == 12);
  CHECK(last_step(one, 1, values) == 6);
  CHECK(last_step(two, 2, values) == 12);
  CHECK(last_step(nan, 3, {5, std::nan(""), HUGE_VAL, 5, 1, 1}) == 8);
  CHECK(base::read_file(one.config.out + "/ckpt/best") == "step-00000004\n");
  CHECK(base::read_file(one.config.out + "/ckpt/latest") == "step-00000006\n");

  // Resumed, it has ended; with more patience it goes on as if it had had it from the start.
  CHECK(last_step(one, 1, values) == 6);
  CHECK(last_step(one, 2, values) == 12);
  check_equal(one, two, 12);
}

TEST_CASE("patience survives an interruption") {
  const std::vector<double> values = {5, 6, 6, 6, 1, 1};
  Place whole;
  for (const int64_t stop : {0, 2, 4, -4, 6, -6, 8, -8}) {
    INFO("stop " << stop);
    Place stopped;
    Place& place = stop == 0 ? whole : stopped;
    place.config.steps = 12;
    place.config.eval_every = 2;
    place.config.save_every = 0;
    place.config.patience = 3;
    const int code = kilm::training::train(place.config, toy::windows(), losses(values, stop));
    CHECK(code == (stop == 0 || stop == 8 ? 0 : kilm::job::kRestartMe));
    CHECK(kilm::training::train(place.config, toy::windows(), losses(values)) == 0);
    if (stop == 0) CHECK(log_of(place.config).back().at("step").as_int() == 8);
    CHECK(timeless(place.config) == timeless(whole.config));
    CHECK(base::read_file(place.ckpt(8) + "/model/model.safetensors") ==
          base::read_file(whole.ckpt(8) + "/model/model.safetensors"));
  }
}

TEST_CASE("lines after the checkpoint are dropped, and so are half a line and half a file") {
  Place whole, broken;
  REQUIRE(kilm::training::train(whole.config, toy::windows(), evaluate_and_stop()) == 0);
  REQUIRE(kilm::training::train(broken.config, toy::windows(), evaluate_and_stop()) == 0);
  fs::remove_all(broken.ckpt(9));  // as if the process had been killed before it
  std::ofstream(broken.config.out + "/log.jsonl", std::ios::app) << "{\"step\": 10, \"lo";
  std::ofstream(broken.config.out + "/log.jsonl.tmp-1-0") << "{\"step\": 1";
  CHECK(kilm::training::train(broken.config, toy::windows(), evaluate_and_stop()) == 0);
  CHECK(!fs::exists(broken.config.out + "/log.jsonl.tmp-1-0"));
  CHECK(timeless(broken.config) == timeless(whole.config));
  CHECK(base::read_file(broken.ckpt(9) + "/model/model.safetensors") ==
        base::read_file(whole.ckpt(9) + "/model/model.safetensors"));
}

namespace {

// Returns windows of which one in six has a mention, so that the weight of knowledge decides about single steps.
kilm::dataset::WindowSet rarely_with_knowledge() {
  kilm::dataset::WindowSet windows = toy::windows();
  windows.get = [get = windows.get](int64_t i) {
    kilm::dataset::Window window = get(i);
    if (i % 6 != 2) window.mentions.clear();
    return window;
  };
  return windows;
}

int64_t lines_with(const TrainConfig& config, const char* key) {
  int64_t lines = 0;
  for (const Json& line : log_of(config)) lines += line.find(key) != nullptr;
  return lines;
}

}  // namespace

TEST_CASE("a run that skips steps resumes bit for bit") {
  Place whole, stopped;
  for (Place* place : {&whole, &stopped}) {
    place->config.on_nonfinite = kilm::training::OnNonfinite::skip;
    place->config.weight_knowledge = 1e39;  // infinite in f32
    place->config.accumulate = place->config.batch_tokens = 1;
    place->config.steps = 24;
  }
  REQUIRE(kilm::training::train(whole.config, rarely_with_knowledge(), evaluate_and_stop()) == 0);
  CHECK(lines_with(whole.config, "skipped") == 4);
  int stops = 0;
  while (kilm::training::train(stopped.config, stopping(5, rarely_with_knowledge()), evaluate_and_stop()) != 0) ++stops;
  CHECK(stops > 3);
  check_equal(whole, stopped, 24);
  CHECK(kilm::training::read_train_state(whole.ckpt(24)).skipped == 4);
  whole.config.out = whole.folder / "other";
  whole.config.on_nonfinite = kilm::training::OnNonfinite::stop;
  CHECK_THROWS_AS(kilm::training::train(whole.config, rarely_with_knowledge(), evaluate_and_stop()), base::NonFinite);
}

TEST_CASE("a loss that leaps is marked in the log, after a resumption too") {
  Place whole, stopped;
  for (Place* place : {&whole, &stopped}) {
    place->config.weight_knowledge = 100;
    place->config.accumulate = place->config.batch_tokens = 1;
    place->config.steps = 130;
    place->config.save_every = place->config.eval_every = 0;
  }
  REQUIRE(kilm::training::train(whole.config, rarely_with_knowledge(), evaluate_and_stop()) == 0);
  CHECK(lines_with(whole.config, "spike") == 6);  // one step in six or so, after the hundredth
  CHECK(kilm::training::train(stopped.config, stopping(220, rarely_with_knowledge()), evaluate_and_stop()) ==
        kilm::job::kRestartMe);
  CHECK(kilm::training::train(stopped.config, rarely_with_knowledge(), evaluate_and_stop()) == 0);
  check_equal(whole, stopped, 130);
}

TEST_CASE("the number of threads changes no bit of a run") {
  Place one, two;
  const int before = base::threads();
  one.config.threads = 1;
  two.config.threads = 2;
  CHECK(kilm::training::train(one.config, toy::windows(), evaluate_and_stop()) == 0);
  CHECK(kilm::training::train(two.config, toy::windows(), evaluate_and_stop()) == 0);
  base::set_threads(before);
  check_equal(one, two, 9);
}

TEST_CASE("a run with a plain stream resumes bit for bit, and refuses other plain data") {
  Place whole, stopped;
  whole.config.plain_ratio = stopped.config.plain_ratio = 0.4;
  const kilm::dataset::TrainingWindows windows(toy::windows(), toy::windows(7));
  REQUIRE(kilm::training::train(whole.config, windows, evaluate_and_stop()) == 0);
  for (const int64_t n : {9, 13}) {
    const kilm::dataset::TrainingWindows interrupted(toy::windows(), stopping(n, toy::windows(7)));
    REQUIRE(kilm::training::train(stopped.config, interrupted, evaluate_and_stop()) == kilm::job::kRestartMe);
  }
  const std::string refusal =
      stopped.config.out + ": the run began with 7 windows of the plain stream, the data have 12";
  CHECK_THROWS_WITH_AS(kilm::training::train(stopped.config, toy::windows(), evaluate_and_stop()), refusal.c_str(),
                       base::UsageError);
  REQUIRE(kilm::training::train(stopped.config, windows, evaluate_and_stop()) == 0);
  check_equal(whole, stopped, 9);
}

TEST_CASE("trained in bf16, weights that are f32 in their folder begin with all of their digits") {
  kilm::bart::BartFolder start = toy::bart();
  Place place;
  place.config.dtype = tensor::DType::bf16;
  place.config.learning_rate = 0;  // no update changes a master weight
  place.config.steps = 1;
  REQUIRE(kilm::training::train(place.config, toy::windows(), evaluate_and_stop()) == 0);
  const auto file = tensor::SafetensorsFile::open(place.ckpt(1) + "/optim-rank0.safetensors");
  const auto model = tensor::SafetensorsFile::open(place.ckpt(1) + "/model/model.safetensors");
  for (const nn::Variable& parameter : nn::parameters(start.model)) REQUIRE(parameter.dtype() == nn::DType::f32);
  const std::string name = "model.decoder.layers.0.fc1.weight";
  const nn::Tensor given = start.model.decoder.layers[0].fc1.weight.value().reshape({-1});
  CHECK(file.tensor("master." + name).to_vector<float>() == given.to_vector<float>());
  CHECK(toy::bytes_of(model.tensor(name).reshape({-1})) == toy::bytes_of(given.cast(nn::DType::bf16)));
  CHECK(toy::bytes_of(given.cast(nn::DType::bf16).cast(nn::DType::f32)) != toy::bytes_of(given));
}

TEST_CASE("weights in bf16 resume bit for bit") {
  Place whole, stopped;
  whole.config.dtype = stopped.config.dtype = tensor::DType::bf16;
  REQUIRE(kilm::training::train(whole.config, toy::windows(), evaluate_and_stop()) == 0);
  CHECK(kilm::training::train(stopped.config, stopping(20), evaluate_and_stop()) == kilm::job::kRestartMe);
  CHECK(kilm::training::train(stopped.config, toy::windows(), evaluate_and_stop()) == 0);
  check_equal(whole, stopped, 9);
}

TEST_CASE("a run refuses settings that its model cannot have") {
  Place place;
  place.config.max_length = 97;
  CHECK_THROWS_WITH_AS(kilm::training::train(place.config, toy::windows(), evaluate_and_stop()),
                       "max length: 97 should be at most 96, the positions of the model", base::UsageError);
  CHECK(!fs::exists(place.config.out));
  place.config.max_length = 64;
  place.config.accumulate = 0;
  CHECK_THROWS_WITH_AS(kilm::training::train(place.config, toy::windows(), evaluate_and_stop()),
                       "accumulate: 0 should be at least 1", base::UsageError);
}

TEST_CASE("a run goes on with the tokenizer that it began with and with no other") {
  Place place;
  const kilm::tokenizer::Tokenizer tokenizer = toy::tokenizer();
  place.config.tokenizer = tokenizer.fingerprint();
  REQUIRE(kilm::training::train(place.config, toy::windows(), evaluate_and_stop()) == 0);
  // Two merges change their order, and the checkpoint is whole all the same.
  const std::string model = place.ckpt(9) + "/model";
  Folder other;
  write_small_vocabulary(other);
  other.write("merges.txt", "#version: 0.2\nt h\nth e\n\u0120 t\n\u0120 the\n");
  kilm::tokenizer::Tokenizer edited = kilm::tokenizer::Tokenizer::load(other.path);
  edited.add_kilm_tokens();
  edited.save(model);
  kilm::job::write_manifest(place.ckpt(9), Json::object());
  const std::string said = model + ": the tokenizer is " + edited.fingerprint().substr(0, 12) + ", not the " +
                           tokenizer.fingerprint().substr(0, 12) + " that " + place.config.out +
                           "/resolved.json says the run began with";
  CHECK_THROWS_WITH_AS(kilm::training::train(place.config, toy::windows(), evaluate_and_stop()), said.c_str(),
                       base::UsageError);
  tokenizer.save(model);
  kilm::job::write_manifest(place.ckpt(9), Json::object());
  CHECK(kilm::training::train(place.config, toy::windows(), evaluate_and_stop()) == 0);
}

TEST_CASE("a run that is at work is not begun a second time") {
  Place place;
  std::string refusal, settings;
  const kilm::training::Evaluate evaluate = [&](const kilm::bart::Bart& model,
                                                const kilm::objective::InfillObjective& objective, int64_t step,
                                                const std::function<bool()>& stop) {
    settings = base::read_file(place.config.out + "/resolved.json");
    TrainConfig second = place.config;
    second.threads = 1;
    try {
      kilm::training::train(second, toy::windows(), evaluate_and_stop());
    } catch (const base::UsageError& error) {
      refusal = error.what();
    }
    CHECK(base::read_file(place.config.out + "/resolved.json") == settings);
    return evaluate_and_stop()(model, objective, step, stop);
  };
  CHECK(kilm::training::train(place.config, toy::windows(), evaluate) == 0);
  CHECK(refusal == place.config.out + ": another process is training this run");
  CHECK(kilm::training::train(place.config, toy::windows(), evaluate_and_stop()) ==
        0);  // the lock is gone with the run
}

namespace {

const base::FileSystem real = base::file_system();
bool full = false;

}  // namespace

TEST_CASE("a checkpoint is written while the next step runs, with the weights of its own") {
  Place slow, fast;
  for (Place* place : {&slow, &fast}) {
    place->config.keep = 10;
    place->config.eval_every = 2;
  }
  const tensor::WorkCount work;
  static std::atomic<int64_t> before, waited, overlapped;
  static std::function<int64_t()> launched;
  before = waited = overlapped = 0;
  launched = [&] { return work.total().launches; };  // rises as a step runs
  const kilm::training::Evaluate evaluate = [](const kilm::bart::Bart&, const kilm::objective::InfillObjective&,
                                               int64_t, const std::function<bool()>&) {
    before = launched();
    return kilm::training::Evaluation();
  };
  REQUIRE(kilm::training::train(fast.config, toy::windows(), evaluate) == 0);
  base::FileSystem calls = real;
  calls.open = [](const char* path, int flags, mode_t mode) {
    if (std::string_view(path).find("/model.safetensors.tmp") != std::string_view::npos) {
      for (int left = 300; left > 0 && launched() == before; --left) usleep(1000);
      ++waited;
      overlapped += launched() != before;
      usleep(30000);  // the step would be over by now
    }
    return real.open(path, flags, mode);
  };
  {
    base::FileSystemGuard guard(calls);
    CHECK(kilm::training::train(slow.config, toy::windows(), evaluate) == 0);
  }
  CHECK(waited == 5);
  CHECK(overlapped == 4);  // all but the last
  for (const int64_t step : {2, 4, 6, 8, 9}) {
    INFO("step " << step);
    for (const char* file : {"/model/model.safetensors", "/optim-rank0.safetensors", "/state.json"})
      CHECK(base::read_file(slow.ckpt(step) + file) == base::read_file(fast.ckpt(step) + file));
  }
  CHECK(timeless(slow.config) == timeless(fast.config));
}

TEST_CASE("whatever call fails in a run, a checkpoint stays, and the run that is resumed ends with the same bytes") {
  const int64_t stride = std::getenv("KILM_SOAK") ? 1 : 13;  // of the calls that fail, each in a run of its own
  const int threads = base::threads();
  Place whole;
  whole.config.threads = 1;
  whole.config.steps = 4;
  whole.config.save_every = 1;
  whole.config.eval_every = 3;
  whole.config.keep = 0;
  REQUIRE(kilm::training::train(whole.config, toy::windows(), evaluate_and_stop()) == 0);
  Place begun;  // an evaluation is still owed
  begun.config = whole.config;
  begun.config.out = begun.folder / "run";
  REQUIRE(kilm::training::train(begun.config, toy::windows(), evaluate_and_stop(-3)) == kilm::job::kRestartMe);
  int64_t first = 0;
  for (const int code : {EIO, ENOSPC, EINTR, 0}) {
    int64_t n = first++, failed = 0;
    for (bool reached = true; reached; n += stride) {
      INFO("error " << code << " at call " << n);
      REQUIRE(n < 1000);
      Place place;
      place.config = whole.config;
      place.config.out = place.folder / "run";
      fs::copy(begun.config.out, place.config.out, fs::copy_options::recursive);
      {
        const FailingCall call(n, code);
        try {
          kilm::training::train(place.config, toy::windows(), evaluate_and_stop());
        } catch (const base::Error&) {
          ++failed;
        }
        reached = call.reached();
      }
      CHECK(kilm::training::Checkpoints(place.config.out, 0).newest().has_value());
      CHECK(kilm::training::train(place.config, toy::windows(), evaluate_and_stop()) == 0);
      // A best checkpoint for which there was no room is none, and a later one may be.
      check_equal(whole, place, 4, code != ENOSPC);
      for (const auto& entry : fs::directory_iterator(place.config.out + "/ckpt"))
        CHECK(entry.path().string().find(".tmp") == std::string::npos);
    }
    CHECK(n > 100);
    CHECK((failed > 0) == (code == EIO || code == ENOSPC));
  }
  base::set_threads(threads);
}

TEST_CASE("a full disk costs checkpoints but no step while there may be room again") {
  Place place, whole;
  base::FileSystem calls = real;
  calls.allocate = [](int descriptor, off_t offset, off_t size) {
    return full ? ENOSPC : real.allocate(descriptor, offset, size);
  };
  REQUIRE(kilm::training::train(whole.config, toy::windows(), evaluate_and_stop()) == 0);
  const kilm::training::Evaluate evaluate = [](const kilm::bart::Bart& model,
                                               const kilm::objective::InfillObjective& objective, int64_t step,
                                               const std::function<bool()>& stop) {
    full = step == 3;  // from here on, until the next evaluation
    return evaluate_and_stop()(model, objective, step, stop);
  };
  place.config.keep = 10;
  {
    base::FileSystemGuard guard(calls);
    CHECK(kilm::training::train(place.config, toy::windows(), evaluate) == 0);
    CHECK(fs::exists(place.ckpt(2)));
    CHECK(!fs::exists(place.ckpt(4)));
    CHECK(fs::exists(place.ckpt(8)));
    CHECK(timeless(place.config) == timeless(whole.config));
    place.config.out = place.folder / "other";
    place.config.steps = 3;
    CHECK_THROWS_AS(kilm::training::train(place.config, toy::windows(), evaluate), base::OutOfMemory);
    full = false;
  }
}
