// `kilm train` as a shell sees it: data prepared, a model made, runs started, stopped, killed and resumed.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <random>
#include <sstream>

#include "tensor/base/file.h"
#include "tensor/base/json.h"
#include "tests/kilm/small_dump.h"
#include "tests/kilm/vocabulary_files.h"
#include "tests/tools/process.h"
#include "tests/tools/training_site.h"

using base::Json;

namespace fs = std::filesystem;

namespace {

TrainingSite& site() { return training_site(); }

std::vector<std::string> words(const std::string& run, int steps, int save_every = 4) {
  return {"train",
          "--data",
          site().data,
          "--model",
          site().model,
          "--out",
          run,
          "--steps",
          std::to_string(steps),
          "--batch-tokens",
          "512",
          "--accumulate",
          "1",
          "--save-every",
          std::to_string(save_every),
          "--eval-every",
          "5",
          "--eval-mentions",
          "2",
          "--eval-windows",
          "6",
          "--threads",
          "1",
          "--learning-rate",
          "1e-3"};
}

std::string shell(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += word + " ";
  return line;
}

// Returns the log without what the clock decides.
std::string timeless(const std::string& run) {
  std::string text;
  std::stringstream file(base::read_file(run + "/log.jsonl"));
  for (std::string line; std::getline(file, line);) {
    const Json json = base::parse_json(line, "log.jsonl");
    for (const auto& [key, value] : json.members())
      if (key != "seconds" && key != "tokens_per_second") text += key + "=" + value.dump() + " ";
    text += "\n";
  }
  return text;
}

std::string last_step(const std::string& run) {
  std::string step = base::read_file(run + "/ckpt/latest");
  step.pop_back();
  return step;
}

void check_equal(const std::string& a, const std::string& b) {
  REQUIRE(last_step(a) == last_step(b));
  const std::string step = "/ckpt/" + last_step(a);
  for (const char* file : {"/model/model.safetensors", "/optim-rank0.safetensors", "/state.json"})
    CHECK(base::read_file(a + step + file) == base::read_file(b + step + file));
  CHECK(timeless(a) == timeless(b));
}

constexpr int kSteps = 30;

// Returns a run that nothing disturbed.
const std::string& whole() {
  static const std::string run = [] {
    const std::string path = site() / "whole";
    REQUIRE(kilm(shell(words(path, kSteps))).code == 0);
    return path;
  }();
  return run;
}

void wait_for_line(const std::string& run, Running& process) {
  for (int i = 0; i < 3000 && !process.ended(); ++i) {
    if (fs::exists(run + "/log.jsonl") && fs::file_size(run + "/log.jsonl") > 0) return;
    usleep(2000);
  }
}

}  // namespace

TEST_CASE("kilm train: a run has settings, a log, checkpoints, and prints where the model is") {
  const std::string run = site() / "plain";
  const Output output = kilm(shell(words(run, 6)));
  CHECK(output.code == 0);
  CHECK(output.out == run + "/ckpt/" + last_step(run) + "/model\n");
  CHECK(output.err.find("train 6/6") != std::string::npos);
  CHECK(output.err.find("tokens/s") != std::string::npos);
  const Json resolved = base::read_json_file(run + "/resolved.json");
  CHECK(resolved.at("steps").as_int() == 6);
  CHECK(resolved.at("max_length").as_int() == 256);
  CHECK(resolved.at("data").as_string() == site().data);
  std::string splits;
  std::stringstream log(base::read_file(run + "/log.jsonl"));
  for (std::string line; std::getline(log, line);) {
    const Json json = base::parse_json(line, "log");
    if (json.find("eval")) splits += json.at("step").as_int() == 5 ? json.at("eval").as_string() + " " : "";
    if (json.find("eval")) CHECK(json.at("knowledge_loss").as_number() > 4);
  }
  CHECK(splits == "seen unseen held_out ");

  const Output again = kilm(shell(words(run, 6)));
  CHECK(again.code == 2);
  CHECK(again.err.find("is a run already") != std::string::npos);
}

TEST_CASE("kilm train: settings come from flag, environment, file and preset, in this order") {
  const Folder folder;
  folder.write("settings.toml", "steps = 3\nseed = 4\nknowledge = \"off\"\n[train]\nwarmup_steps = 9\n");
  const Output output = kilm("train --print-config --steps 5 --mask-mention=off --config " + folder / "settings.toml",
                             "", "KILM_SEED=6 KILM_STEPS=7");
  REQUIRE(output.code == 0);
  const Json config = base::parse_json(output.out, "standard output");
  CHECK(config.at("steps").as_int() == 5);
  CHECK(config.at("seed").as_int() == 6);
  CHECK(!config.at("knowledge").as_bool());
  CHECK(!config.at("mask_mention").as_bool());
  CHECK(config.at("warmup_steps").as_int() == 9);
  CHECK(config.at("learning_rate").as_number() == 5e-5);
  CHECK(kilm("train --knowledge perhaps").code == 2);
  CHECK(kilm("train --preset quick").code == 2);
  CHECK(kilm("train --print-config --steps -5").err.find("steps: -5 should be at least 0") != std::string::npos);
  CHECK(kilm("train --data x --model y").code == 2);
}

TEST_CASE("kilm train: a resumed run keeps its settings, and what is no run cannot be resumed") {
  CHECK(kilm("train --resume " + site().path.string()).code == 2);
  CHECK(kilm("train --resume " + whole()).code == 0);
  CHECK(kilm("train --resume " + whole() + " --seed 42 --threads 2").code == 0);
  CHECK(kilm("train --resume " + whole() + " --on-nonfinite skip --patience 3").code == 0);
  CHECK(kilm("train --resume " + whole() + " --device cpu").err.find("bits may differ") == std::string::npos);
  const Output other = kilm("train --resume " + whole() + " --seed 43");
  CHECK(other.code == 2);
  CHECK(other.err.find("seed: 43 is not the 42 that the run began with") != std::string::npos);
}

TEST_CASE("kilm train: a device that is not there is refused before anything is written") {
  std::vector<std::string> list = words(site() / "nowhere", 2);
  for (const char* more : {"", " --dry-run"}) {
    const Output output = kilm(shell(list) + "--device cuda:1" + more);
    CHECK(output.code == 2);
    CHECK(output.err.find("this program was built without CUDA; configure with -DKILM_CUDA=ON") != std::string::npos);
  }
  CHECK_FALSE(fs::exists(site() / "nowhere"));
  const Output output = kilm("train --resume " + whole() + " --device cuda");
  CHECK(output.code == 2);
  CHECK(output.err.find("built without CUDA") != std::string::npos);
  CHECK(base::read_json_file(whole() + "/resolved.json").at("device") == Json("cpu"));
}

TEST_CASE("kilm train: a plain stream is trained on, evaluated, shown and resumed") {
  const std::string run = site() / "mixed";
  std::vector<std::string> mixed = words(run, 5);
  mixed.insert(mixed.end(), {"--plain-ratio", "0.5", "--plain-data", site().data, "--insert-masks", "on",
                             "--permute-sentences", "1", "--mentions-per-window", "2"});
  const Output trained = kilm(shell(mixed));
  REQUIRE_MESSAGE(trained.code == 0, trained.err);
  const std::string log = base::read_file(run + "/log.jsonl");
  CHECK(log.find("\"loss_plain_infill\": ") != std::string::npos);
  CHECK(log.find("\"plain_infill_loss\": ") != std::string::npos);
  CHECK(kilm("train --resume " + run + " --plain-data " + site().data).code == 0);
  const Output other = kilm("train --resume " + run + " --plain-ratio 0.25");
  CHECK(other.code == 2);
  CHECK(other.err.find("plain_ratio: 0.25 is not the 0.5 that the run began with") != std::string::npos);
  int64_t plain = 0;
  std::stringstream lines(log);
  for (std::string text; std::getline(lines, text);) {
    const Json line = base::parse_json(text, "log.jsonl");
    if (line.find("eval")) continue;
    const Output shown = kilm("show-batch --run " + run + " --step " + line.at("step").dump());
    const bool tells = shown.out.find(" target tokens, of the plain stream\n") != std::string::npos;
    CHECK(tells == (line.at("tokens_plain").as_int() > 0));
    plain += tells;
  }
  CHECK(plain > 0);
  const std::string place = " --data " + site().data + " --model " + site().model;
  CHECK(kilm("plan --plain-ratio 0.5" + place).code == 0);
  const Output unused = kilm("plan --plain-data " + site().data + place);
  CHECK(unused.code == 2);
  CHECK(unused.err.find("needs a plain ratio above 0 to be shown") != std::string::npos);
}

TEST_CASE("kilm train: knowledge that is given has no loss, and the best checkpoint is found without") {
  const std::string run = site() / "given";
  std::vector<std::string> given = words(run, 5);
  given.insert(given.end(), {"--knowledge-side", "source"});
  const Output trained = kilm(shell(given));
  REQUIRE_MESSAGE(trained.code == 0, trained.err);
  CHECK(base::read_file(run + "/log.jsonl").find("\"loss_knowledge\": null") != std::string::npos);
  CHECK(base::read_file(run + "/ckpt/best") == "step-00000005\n");
}

TEST_CASE("kilm train: a tokenizer that the data were not cut with is refused") {
  const Folder folder;
  write_small_vocabulary(folder);
  folder.write("merges.txt", "#version: 0.2\nt h\nth e\n");
  REQUIRE(kilm("init --config " + site() / "config.json" + " --tokenizer " + folder.path.string() + " --out " +
               folder / "model")
              .code == 0);
  const Output output =
      kilm("train --data " + site().data + " --model " + folder / "model" + " --out " + folder / "run");
  CHECK(output.code == 2);
  CHECK(!fs::exists(folder / "run"));
}

TEST_CASE("kilm train: a tokenizer or data that were exchanged since the start are refused at --resume") {
  const Folder folder;
  const std::string model = folder / "model", data = folder / "data", run = folder / "run";
  fs::copy(site().model, model, fs::copy_options::recursive);
  fs::copy(site().data, data, fs::copy_options::recursive);
  REQUIRE(kilm("train --data " + data + " --model " + model + " --out " + run +
               " --steps 2 --batch-tokens 512 --accumulate 1 --eval-mentions 1 --eval-windows 1")
              .code == 0);
  const std::string began = base::read_json_file(run + "/resolved.json").at("tokenizer").as_string();
  const auto check_refused = [&](const std::string& place) {
    const Output output = kilm("train --resume " + run);
    CHECK(output.code == 2);
    CHECK_MESSAGE(output.err.find("kilm train: " + place) != std::string::npos, output.err);
    CHECK_MESSAGE(output.err.find(began.substr(0, 12)) != std::string::npos, output.err);
  };
  fs::remove_all(run + "/ckpt");  // as if it had been killed before the first
  write_small_vocabulary(folder);
  folder.write("merges.txt", "#version: 0.2\nt h\nth e\n\u0120 t\n\u0120 the\n");
  REQUIRE(kilm("init --config " + site() / "config.json" + " --tokenizer " + folder.path.string() + " --out " +
               folder / "other")
              .code == 0);
  for (const char* file : {"tokenizer.json", "merges.txt"}) {
    fs::rename(model + "/" + file, folder / file + ".kept");
    fs::copy(folder / "other" + "/" + file, model + "/" + file);
  }
  check_refused(model + ": the tokenizer is ");
  for (const char* file : {"tokenizer.json", "merges.txt"}) fs::rename(folder / file + ".kept", model + "/" + file);
  fs::remove_all(data);
  REQUIRE(kilm("prepare - --max-length 256 --tokenizer " + folder / "other" + " --out " + data, small_dump()).code ==
          0);
  check_refused(data + ": was prepared with the tokenizer ");
  fs::remove_all(data);
  fs::copy(site().data, data, fs::copy_options::recursive);
  CHECK(kilm("train --resume " + run).code == 0);
}

TEST_CASE("kilm train: a run that another process is training is refused and goes on") {
  const std::string run = site() / "locked";
  Running process(words(run, 100000));
  wait_for_line(run, process);
  const Output second = kilm("train --resume " + run);
  CHECK(second.code == 2);
  CHECK(second.err.find("kilm train: " + run + ": another process is training this run\n") != std::string::npos);
  process.signal(SIGTERM);
  CHECK(process.wait() == 75);
}

TEST_CASE("kilm train: a run takes a folder of its own, and what is no run's stays as it is") {
  const Folder folder;
  const auto refused = [&](const std::string& out, const std::string& why) {
    const Output output = kilm(shell(words(out, 2)));
    CHECK(output.code == 2);
    CHECK_MESSAGE(output.err.find("--out: " + out + why) != std::string::npos, output.err);
  };
  const std::string model = folder / "model";
  fs::copy(site().model, model, fs::copy_options::recursive);
  folder.write("model/weights.tmp-of-mine", "kept");
  refused(model, " holds ");
  CHECK(fs::exists(folder / "model/weights.tmp-of-mine"));
  CHECK(!fs::exists(folder / "model/lock"));
  folder.write("file", "");
  refused(folder / "file", " is there already, and no folder");
  fs::create_directories(folder / "run/ckpt/step-00000001");
  refused(folder / "run", " holds ckpt already; a new run needs a folder of its own");
  fs::remove(folder / "run/ckpt/step-00000001");
  folder.write("run/lock", "");
  folder.write("run/resolved.json", "{");  // as a start that was killed leaves it
  CHECK(kilm(shell(words(folder / "run", 2))).code == 0);
  fs::create_directories(folder / "empty");
  CHECK(kilm(shell(words(folder / "empty", 2))).code == 0);
}

TEST_CASE("kilm train: a resumed run finds its folders where they lie now, by what they hold") {
  const Folder folder;
  const std::string model = folder / "model", data = folder / "data", run = folder / "run";
  fs::copy(site().model, model, fs::copy_options::recursive);
  fs::copy(site().data, data, fs::copy_options::recursive);
  const std::string resume = "train --resume " + run;
  REQUIRE(kilm("train --data " + data + " --model " + model + " --out " + run + " --plain-ratio 0.5 --plain-data " +
               data + " --steps 2 --batch-tokens 512 --accumulate 1 --eval-mentions 1 --eval-windows 1")
              .code == 0);
  fs::rename(model, folder / "model2");
  fs::rename(data, folder / "data2");
  CHECK(kilm(resume).code == 3);
  const Output moved = kilm(resume + " --data " + folder / "data2" + " --plain-data " + folder / "data2/" +
                            " --model " + folder / "model2");
  REQUIRE_MESSAGE(moved.code == 0, moved.err);
  const Json resolved = base::read_json_file(run + "/resolved.json");
  CHECK(resolved.at("data").as_string() == folder / "data2");
  CHECK(resolved.at("model").as_string() == folder / "model2");
  CHECK(kilm(resume).code == 0);

  REQUIRE(kilm("prepare - --seed 5 --max-length 256 --tokenizer " + site().path.string() + " --out " + folder / "other",
               small_dump())
              .code == 0);
  const auto check_refused = [&](const std::string& options, const std::string& one, const std::string& other) {
    const Output output = kilm(resume + options);
    CHECK(output.code == 2);
    for (const std::string& text : {one, other}) CHECK_MESSAGE(output.err.find(text) != std::string::npos, output.err);
  };
  const auto digest = [&](const char* name) { return resolved.at(name).as_string().substr(0, 12); };
  const std::string other = base::read_json_file(folder / "other/manifest.json").at("self").as_string().substr(0, 12);
  check_refused(" --data " + folder / "other",
                "data: " + folder / "other" + " with the digest " + other + " is not the ",
                folder / "data2" + " that the run began with, with " + digest("data_digest"));
  check_refused(" --plain-data " + folder / "other", "plain data: " + folder / "other", digest("plain_data_digest"));
  fs::copy(folder / "model2", folder / "changed", fs::copy_options::recursive);
  folder.write("changed/generation_config.json", "{}");
  check_refused(" --model " + folder / "changed", "model: " + folder / "changed", digest("model_digest"));
  fs::remove_all(folder / "data2");
  fs::rename(folder / "other", folder / "data2");  // in the place of the data
  check_refused("", "data: " + folder / "data2" + " has the digest " + other + " now", digest("data_digest"));
}

TEST_CASE("kilm train: a run of an earlier version has no digests, and its folders tell") {
  const Folder folder;
  const std::string run = folder / "run", data = folder / "data";
  REQUIRE(kilm(shell(words(run, 2))).code == 0);
  const auto forget = [&](const char* place) {
    Json older = Json::object();
    const Json resolved = base::read_json_file(run + "/resolved.json");
    for (const auto& [key, value] : resolved.members())
      if (!key.ends_with("_digest")) older.set(key, value);
    if (place) older.set("data", place);
    base::write_file_atomically(run + "/resolved.json", older.dump(2) + "\n");
  };
  fs::copy(site().data, data, fs::copy_options::recursive);
  forget(nullptr);
  CHECK(kilm("train --resume " + run + " --data " + data).code == 0);
  forget("/gone");
  const Output output = kilm("train --resume " + run + " --data " + data);
  CHECK(output.code == 2);
  CHECK(output.err.find("data: " + data + " is not the /gone that the run began with, which is gone and of which") !=
        std::string::npos);
}

TEST_CASE("kilm train: --model takes a run, too, unless it holds no model") {
  const Folder folder;
  std::vector<std::string> command = words(folder / "run", 2);
  *(std::find(command.begin(), command.end(), "--model") + 1) = whole();
  CHECK(kilm(shell(command)).code == 0);
  const Json resolved = base::read_json_file(folder / "run/resolved.json");
  CHECK(resolved.at("model").as_string().starts_with(whole() + "/ckpt/step-"));
  fs::create_directories(folder / "begun");
  folder.write("begun/resolved.json", "{}");
  *(std::find(command.begin(), command.end(), "--model") + 1) = folder / "begun";
  const Output begun = kilm(shell(command));
  CHECK(begun.code == 2);
  CHECK(begun.err.find(folder / "begun" + ": the run has no checkpoint yet, so it holds no model") !=
        std::string::npos);
  fs::create_directories(folder / "half");
  folder.write("half/config.json", "{}");
  *(std::find(command.begin(), command.end(), "--model") + 1) = folder / "half";
  *(std::find(command.begin(), command.end(), "--out") + 1) = folder / "run2";
  const Output half = kilm(shell(command));
  CHECK(half.code == 3);
  CHECK(half.err.find("half: lacks its weights (") != std::string::npos);
  CHECK(half.err.find("its tokenizer (") != std::string::npos);
  CHECK(!fs::exists(folder / "run2"));
}

TEST_CASE("kilm describe, generate, score, dump, train and inspect: a checkpoint that was changed is noticed") {
  const Folder folder;
  fs::copy(whole(), folder / "run", fs::copy_options::recursive);
  const std::string model = kilm("convert " + folder / "run" + " " + folder / "copy").out;
  REQUIRE(!model.empty());
  const std::string weights = model.substr(model.rfind(' ') + 1, model.size() - model.rfind(' ') - 2);
  std::string bytes = base::read_file(weights + "/model.safetensors");
  bytes[bytes.size() - 3] = char(bytes[bytes.size() - 3] ^ 1);
  std::ofstream(weights + "/model.safetensors", std::ios::binary) << bytes;
  folder.write("batch", R"({"input_ids": [[0, 68, 2]], "labels": [[0, 2]]})");
  for (const std::string& command :
       {std::string("describe '[[Thing]]' --model "), "generate --batch " + folder / "batch" + " --model ",
        "score --split seen --data " + site().data + " --model ",
        "dump --batch " + folder / "batch" + " --out " + folder / "out --model ",
        "train --data " + site().data + " --out " + folder / "next --model ", std::string("inspect ")})
    for (const std::string& given : {folder / "run", weights}) {
      INFO(command << given);
      if (command == "inspect " && given == weights) continue;  // it is told as the folder that it is
      const Output output = kilm(command + given);
      CHECK(output.code == 3);
      CHECK(output.err.find("model.safetensors: its bytes do not match the digest in manifest.json") !=
            std::string::npos);
    }
}

TEST_CASE("kilm train: a signal saves and exits with 75, and the resumed run equals one that was not stopped") {
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
    const std::string run = site() / ("stopped-" + std::to_string(number));
    Running process(words(run, kSteps));
    wait_for_line(run, process);
    process.signal(number);
    const int code = process.wait();
    CHECK((code == 75 || (code == 0 && last_step(run) == last_step(whole()))));
    CHECK(kilm("train --resume " + run).code == 0);
    check_equal(run, whole());
  }
}

namespace {

std::vector<std::string> checkpoints_of(const std::string& run) {
  std::vector<std::string> paths;
  if (!fs::exists(run + "/ckpt")) return paths;
  for (const auto& entry : fs::directory_iterator(run + "/ckpt"))
    if (entry.path().filename().string().starts_with("step-") && !entry.path().has_extension())
      paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  return paths;
}

// Checks what a run that saves every step must hold whenever it is killed.
void check_loadable(const std::string& run) {
  const std::vector<std::string> checkpoints = checkpoints_of(run);
  const std::string log = fs::exists(run + "/log.jsonl") ? base::read_file(run + "/log.jsonl") : "";
  int64_t logged = 0;
  std::stringstream lines(log.substr(0, log.rfind('\n') + 1));
  for (std::string line; std::getline(lines, line);) logged = base::parse_json(line, "log").at("step").as_int();
  if (checkpoints.empty()) {
    CHECK(logged <= 1);
    return;
  }
  const std::string& newest = checkpoints.back();
  const Output inspected = kilm("inspect " + newest);
  CHECK_MESSAGE(inspected.code == 0, inspected.err);
  const int64_t saved = std::stoll(newest.substr(newest.rfind('-') + 1));
  CHECK(saved <= logged);  // the log is durable first
  CHECK(logged <= saved + 1);
}

}  // namespace

TEST_CASE("kilm train: killed at any moment, again and again, a run ends as if it had not been") {
  constexpr int kKills = 25, kLong = 100;
  std::mt19937 random(7);
  const std::string run = site() / "killed", whole = site() / "not-killed";
  REQUIRE(kilm(shell(words(whole, kLong))).code == 0);
  std::vector<std::string> command = words(run, kLong, /*save_every=*/1);
  int kills = 0;
  for (int i = 0; i < kKills; ++i) {
    INFO("start " << i);
    const std::vector<std::string> before = checkpoints_of(run);
    Running process(command);
    const auto saved = [&] { return i % 5 == 0 || checkpoints_of(run) != before; };  // some die while they start
    for (int left = 20000; left > 0 && !saved() && !process.ended(); --left) usleep(500);
    for (unsigned left = random() % 40; left > 0 && !process.ended(); --left) usleep(250);
    if (process.ended()) break;
    process.signal(SIGKILL);
    kills += process.wait() == -1;
    check_loadable(run);
    if (fs::exists(run + "/resolved.json")) command = {"train", "--resume", run};
  }
  CHECK(kills > 10);
  CHECK(kilm(shell(command)).code == 0);
  check_equal(run, whole);
  for (const auto& entry : fs::directory_iterator(run + "/ckpt"))
    CHECK(entry.path().string().find(".tmp") == std::string::npos);
}

namespace {

// Returns every file below a folder, with its bytes.
std::map<std::string, std::string> bytes_of(const std::string& folder) {
  std::map<std::string, std::string> bytes;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) bytes[entry.path().string()] = base::read_file(entry.path().string());
  return bytes;
}

}  // namespace

TEST_CASE(
    "kilm train: on a disk that is full training goes on and touches no checkpoint; with room again all is well") {
  const std::string run = site() / "full";
  fs::copy(whole(), run, fs::copy_options::recursive);
  for (const std::string& path : checkpoints_of(run))
    if (path > run + "/ckpt/step-00000020") fs::remove_all(path);  // as if it had been killed before them
  REQUIRE(last_step(run) == "step-00000030");
  const auto before = bytes_of(run + "/ckpt");
  // No file may grow beyond 32 KiB: room for the log's next lines, but not for a model.
  const Output full = kilm("train --resume " + run, "", "ulimit -f 64;");
  CHECK(full.code == 5);
  CHECK_MESSAGE(full.err.find("File too large; training goes on without this checkpoint") != std::string::npos,
                full.err);
  CHECK(full.err.find("train 30/30") != std::string::npos);
  CHECK(full.err.find("kilm train: " + run + "/ckpt/step-00000030.tmp-") != std::string::npos);
  CHECK(bytes_of(run + "/ckpt") == before);
  CHECK(kilm("train --resume " + run).code == 0);
  check_equal(run, whole());
}

TEST_CASE("kilm train: a log that finds no room is no step lost") {
  const std::string run = site() / "full-log";
  fs::copy(whole(), run, fs::copy_options::recursive);
  for (const std::string& path : checkpoints_of(run))
    if (path > run + "/ckpt/step-00000012") fs::remove_all(path);
  const Output full = kilm("train --resume " + run, "", "ulimit -f 20;");
  CHECK(full.code == 5);
  CHECK_MESSAGE(full.err.find("log.jsonl: cannot be written, the disk may be full") != std::string::npos, full.err);
  CHECK(kilm("train --resume " + run).code == 0);
  check_equal(run, whole());
  CHECK(kilm("train --resume " + run + " >/dev/full #").code == 5);  // where the model is could not be told
}

TEST_CASE("kilm train: patience needs unseen paragraphs to judge by") {
  const std::string blind = site() / "blind";
  REQUIRE(kilm("prepare - --max-length 256 --unseen 0 --tokenizer " + site().path.string() + " --out " + blind,
               small_dump())
              .code == 0);
  const Output output = kilm("train --data " + blind + " --model " + site().model + " --dry-run --patience 2");
  CHECK(output.code == 2);
  CHECK(output.err.find("patience: 2 needs unseen paragraphs, " + blind + " has none") != std::string::npos);
}

TEST_CASE("kilm train --dry-run: tells the steps of the run and writes nothing") {
  const std::string run = site() / "dry";
  std::vector<std::string> command = words(run, 0);
  for (const char* word : {"--epochs", "2", "--dry-run", "--json"}) command.push_back(word);
  const Output output = kilm(shell(command));
  REQUIRE_MESSAGE(output.code == 0, output.err);
  const Json plan = base::parse_json(output.out, "output");
  CHECK(!fs::exists(run));
  CHECK(plan.at("measured").at("seconds").as_number() > 0);
  CHECK(plan.at("measured").at("peak_bytes").as_number() > plan.at("optimizer_bytes").as_number());
  CHECK(plan.at("seconds").as_number() ==
        doctest::Approx(plan.at("steps").as_number() * plan.at("measured").at("seconds").as_number()));

  const std::string about =
      "--data " + site().data + " --model " + site().model + " --batch-tokens 512 --accumulate 1 --epochs 2 --json";
  const Json elsewhere = base::parse_json(kilm("plan " + about).out, "output");
  for (const char* key : {"weights", "windows", "steps", "tokens_source", "bytes", "operations"})
    CHECK(elsewhere.at(key) == plan.at(key));
  CHECK(kilm(shell(words(run, 3)) + " --json").code == 2);
  CHECK(kilm("train --dry-run --data " + site().data).code == 2);
}

TEST_CASE("kilm show-batch: shows the step that a run takes, from the data or from a checkpoint's note") {
  const auto shown = [](const std::string& options) {
    const Output output = kilm("show-batch " + options + " --json");
    REQUIRE_MESSAGE(output.code == 0, output.err);
    return base::parse_json(output.out, "standard output");
  };
  const Json from_data =
      shown("--data " + site().data + " --model " + site().model + " --batch-tokens 512 --accumulate 1 --step 6");
  CHECK(from_data == shown("--run " + whole() + " --step 6"));
  CHECK(!(from_data == shown("--run " + whole() + " --step 5")));
  // The log has counted the same tokens.
  std::stringstream log(base::read_file(whole() + "/log.jsonl"));
  for (std::string text; std::getline(log, text);) {
    const Json line = base::parse_json(text, "log.jsonl");
    if (line.find("eval") || line.at("step").as_int() != 6) continue;
    int64_t sequences = 0, source = 0, target = 0;
    for (const Json& micro : from_data.at("micro_batches").items())
      for (const Json& sequence : micro.at("sequences").items()) {
        ++sequences;
        source += int64_t(sequence.at("source").items().size());
        target += int64_t(sequence.at("target").items().size());
      }
    CHECK(line.at("sequences").as_int() == sequences);
    CHECK(line.at("tokens_source").as_int() == source);
    CHECK(line.at("tokens_target").as_int() == target);
  }
  const Output text = kilm("show-batch --run " + whole() + " --step 6");
  CHECK(text.out.find("[k: <ent_desc> Thing ") != std::string::npos);
  CHECK(kilm("show-batch --run " + whole() + " --step 0").code == 2);
  const Output beyond = kilm("show-batch --run " + whole() + " --step 1000000000");  // would read on for days
  CHECK(beyond.code == 2);
  CHECK(beyond.err.find("step: 1000000000 should be at most 30, the last of the run") != std::string::npos);
  CHECK(kilm("show-batch --data " + site().data).code == 2);
}
