#include "kilm/training/run_log.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tensor/base/error.h"
#include "tensor/base/file.h"
#include "tests/kilm/failing_calls.h"
#include "tests/kilm/folder.h"

using base::Json;
using kilm::dataset::Split;
using kilm::training::EvaluationRecord;
using kilm::training::LogRecord;
using kilm::training::read_run_log;
using kilm::training::RunLog;
using kilm::training::StepReport;

namespace {

StepReport a_step(int64_t step) {
  return {.step = step,
          .epoch = 0.5,
          .loss = 2.25,
          .group_loss = {1, 2, std::nan("")},
          .grad_norm = 0.75,
          .learning_rate = 1e-3,
          .sequences = 3,
          .tokens_source = 40,
          .tokens_target = 60,
          .seconds = 0.5};
}

EvaluationRecord an_evaluation(int64_t step) {
  return {.step = step,
          .split = Split::held_out,
          .score = {.mentions = 4,
                    .title_em = 0.5,
                    .description_em = 0.25,
                    .description_rouge_l = 0.75,
                    .knowledge_loss = 3,
                    .infill_loss = 2,
                    .copy_loss = std::nan(""),
                    .said = {{"Bob", "B", "he", "Bob", "a man"}}}};
}

std::string line_of(const LogRecord& record) {
  return std::visit([](const auto& r) { return kilm::training::to_json(r).dump(); }, record) + "\n";
}

// Returns the steps of the records that a run in this state keeps of the log.
std::string kept(const std::string& path, const kilm::training::TrainState& state) {
  std::string steps;
  const RunLog log(path, state, [&](const LogRecord& record) {
    std::visit([&](const auto& r) { steps += std::to_string(r.step) + " "; }, record);
  });
  return steps;
}

}  // namespace

TEST_CASE("the lines of a log are these bytes, and are read back to every member") {
  StepReport full = a_step(3);
  full.plain = kilm::training::PlainReport{.tokens = 7, .group_loss = {1.5, std::nan(""), 0}};
  full.spike = kilm::training::Spike{1, 0.25};
  full.skipped = "linear: the output is not finite";
  EvaluationRecord both = an_evaluation(3);
  both.plain = {2.5, std::nan("")};
  const std::string lines[] = {
      R"({"step": 1, "epoch": 0.5, "loss": 2.25, "loss_copy": 1.0, "loss_infill": 2.0, "loss_knowledge": null, )"
      R"("grad_norm": 0.75, "lr": 0.001, "sequences": 3, "tokens_source": 40, "tokens_target": 60, )"
      R"("padding_share": 0.0, "tokens_per_second": 200.0, "seconds": 0.5})",
      R"({"step": 3, "epoch": 0.5, "loss": 2.25, "loss_copy": 1.0, "loss_infill": 2.0, "loss_knowledge": null, )"
      R"("grad_norm": 0.75, "lr": 0.001, "sequences": 3, "tokens_source": 40, "tokens_target": 60, )"
      R"("padding_share": 0.0, "tokens_per_second": 200.0, "seconds": 0.5, "tokens_plain": 7, )"
      R"("loss_plain_copy": 1.5, "loss_plain_infill": null, "spike": {"median": 1.0, "deviation": 0.25}, )"
      R"("skipped": "linear: the output is not finite"})",
      R"({"step": 3, "eval": "held_out", "mentions": 4, "title_em": 0.5, "description_em": 0.25, )"
      R"("description_rouge_l": 0.75, "knowledge_loss": 3.0, "infill_loss": 2.0, "copy_loss": null, )"
      R"("said": [{"mention": "Bob", "title": "B", "description": "he", "gold_title": "Bob", )"
      R"("gold_description": "a man"}]})",
      R"({"step": 3, "eval": "held_out", "mentions": 4, "title_em": 0.5, "description_em": 0.25, )"
      R"("description_rouge_l": 0.75, "knowledge_loss": 3.0, "infill_loss": 2.0, "copy_loss": null, )"
      R"("plain_infill_loss": 2.5, "plain_copy_loss": null, "said": [{"mention": "Bob", "title": "B", )"
      R"("description": "he", "gold_title": "Bob", "gold_description": "a man"}]})"};
  const LogRecord records[] = {a_step(1), full, an_evaluation(3), both};
  for (size_t i = 0; i < std::size(records); ++i) {
    CHECK(line_of(records[i]) == lines[i] + "\n");
    CHECK(line_of(kilm::training::log_record_from_json(base::parse_json(lines[i], "line"))) == lines[i] + "\n");
  }
  const std::string timeless = kilm::training::timeless(full).dump();
  CHECK(timeless.find("seconds") == std::string::npos);
  CHECK(timeless.find("tokens_per_second") == std::string::npos);
  CHECK(timeless.find("\"padding_share\": 0.0, \"tokens_plain\": 7") != std::string::npos);
}

TEST_CASE("an evaluation of a task's examples has its measures, and null for one that is not defined") {
  const std::string line =
      R"({"step": 4, "eval": "examples", "examples": 7, "loss": 0.5, "accuracy": 0.25, "f1": null})";
  const LogRecord record = kilm::training::log_record_from_json(base::parse_json(line, "line"));
  CHECK(std::get<kilm::training::ExamplesRecord>(record).examples == 7);
  CHECK(line_of(record) == line + "\n");
}

TEST_CASE("a line that a run has not finished is left out, a damaged one is named") {
  const Folder folder;
  const std::string path = folder / "log.jsonl", one = line_of(a_step(1));
  folder.write("log.jsonl", one + "{\"step\": 2, \"lo");
  CHECK(read_run_log(path).size() == 1);
  const auto refused = [&](const std::string& log, const std::string& message) {
    folder.write("log.jsonl", log);
    CHECK_THROWS_WITH_AS(read_run_log(path), (path + ": line 2: " + message).c_str(), base::DamagedInput);
  };
  refused(one + one, "step 1 follows step 1");
  Json line = kilm::training::to_json(a_step(2));
  line.set("loss", "low");
  refused(one + line.dump() + "\n", "expected a number, found a string");
  for (const char* damage : {"{\"step\": 2,,\n", "[]\n", "{\"step\": 2}\n", "{\"step\": 1, \"eval\": \"half\"}\n"}) {
    folder.write("log.jsonl", one + damage);
    CHECK_THROWS_AS(read_run_log(path), base::DamagedInput);
  }
}

TEST_CASE("a run that goes on drops from its log what came after its state, and half a line") {
  const Folder folder;
  const std::string path = folder / "log.jsonl";
  const std::string two = line_of(a_step(1)) + line_of(a_step(2)),
                    all = two + line_of(an_evaluation(2)) + line_of(a_step(3));
  const auto after = [&](const std::string& log, const kilm::training::TrainState& state) {
    folder.write("log.jsonl", log);
    return kept(path, state);
  };
  CHECK(kept(path, {}) == "");  // there is none yet
  CHECK(after(all, {.step = 3, .evaluated = 2}) == "1 2 2 3 ");
  CHECK(base::read_file(path) == all);
  CHECK(after(all, {.step = 2, .evaluated = 2}) == "1 2 2 ");
  CHECK(after(all, {.step = 2}) == "1 2 ");
  CHECK(base::read_file(path) == two);
  CHECK(after(two + "{\"step\": 3, \"lo", {.step = 3}) == "1 2 ");
  CHECK(after(two + "{\"step\": 3}\n", {.step = 3}) == "1 2 ");
  CHECK(base::read_file(path) == two);
}

TEST_CASE("what finds no room in the log waits for the next line") {
  const Folder folder;
  const std::string path = folder / "log.jsonl";
  RunLog log(path, {}, [](const LogRecord&) {});
  {
    base::FileSystem full = base::file_system();
    full.write = [](int, const void*, size_t) -> ssize_t { return errno = ENOSPC, -1; };
    const base::FileSystemGuard guard(full);
    log.add(a_step(1));
    CHECK_THROWS_WITH_AS(log.make_durable(), (path + ": cannot be written, the disk may be full").c_str(),
                         base::OutOfMemory);
  }
  CHECK(base::read_file(path).empty());
  log.add(a_step(2));
  log.make_durable();
  CHECK(base::read_file(path) == line_of(a_step(1)) + line_of(a_step(2)));
}
