#include "kilm/report/history.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tensor/base/error.h"
#include "tests/kilm/folder.h"

using base::Json;
using kilm::report::History;

namespace {

kilm::training::StepReport a_step(int64_t step) {
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

kilm::evaluation::Score a_score() {
  return {.mentions = 4,
          .title_em = 0.5,
          .description_em = 0.25,
          .description_rouge_l = 0.75,
          .knowledge_loss = 3,
          .infill_loss = 2,
          .copy_loss = std::nan("")};
}

std::string evaluation_line(int64_t step, const char* split) {
  Json line = Json::object({{"step", step}, {"eval", split}});
  const Json fields = kilm::evaluation::to_json(a_score());
  for (const auto& [key, value] : fields.members()) line.set(key, value);
  line.set("said", Json::array({kilm::evaluation::to_json(kilm::evaluation::Said{"Bob", "B", "he", "Bob", "a man"})}));
  return line.dump() + "\n";
}

History read(const Folder& folder, const std::string& log) {
  folder.write("log.jsonl", log);
  return kilm::report::read_history(folder / "log.jsonl");
}

}  // namespace

TEST_CASE("what a trainer and an evaluation log is read back") {
  const Folder folder;
  kilm::training::StepReport leaping = a_step(2), skipped = a_step(3);
  leaping.spike = kilm::training::Spike{1, 0.1};
  skipped.skipped = "linear: the output is not finite";
  skipped.loss = std::nan("");
  skipped.plain.emplace();
  skipped.plain->group_loss = {1.5, std::nan(""), 0};
  std::string log;
  for (const kilm::training::StepReport& report : {a_step(1), leaping, skipped})
    log += kilm::training::to_json(report).dump() + "\n";
  const History history = read(folder, log + evaluation_line(3, "unseen"));
  REQUIRE(history.steps.size() == 3);
  CHECK(kilm::training::to_json(history.steps[0].report).dump() == log.substr(0, log.find('\n')));
  CHECK(std::isnan(history.steps[0].report.group_loss[2]));
  CHECK(!history.steps[0].spike);
  CHECK(history.steps[1].spike);
  CHECK(history.steps[2].report.skipped == skipped.skipped);
  CHECK(std::isnan(history.steps[2].report.loss));
  CHECK(!history.steps[1].report.plain);
  REQUIRE(history.steps[2].report.plain);
  CHECK(history.steps[2].report.plain->group_loss[0] == 1.5);
  CHECK(std::isnan(history.steps[2].report.plain->group_loss[1]));
  REQUIRE(history.evaluations.size() == 1);
  CHECK(history.evaluations[0].step == 3);
  CHECK(history.evaluations[0].split == "unseen");
  CHECK(kilm::evaluation::to_json(history.evaluations[0].score).dump() == kilm::evaluation::to_json(a_score()).dump());
  REQUIRE(history.evaluations[0].score.said.size() == 1);
  CHECK(history.evaluations[0].score.said[0].gold_description == "a man");
}

TEST_CASE("a line that a run has not finished is left out, a damaged one is named") {
  const Folder folder;
  const std::string path = folder / "log.jsonl", one = kilm::training::to_json(a_step(1)).dump() + "\n";
  CHECK(read(folder, one + "{\"step\": 2, \"lo").steps.size() == 1);
  const auto refused = [&](const std::string& log, const std::string& message) {
    folder.write("log.jsonl", log);
    CHECK_THROWS_WITH_AS(kilm::report::read_history(path), (path + ": line 2: " + message).c_str(), base::DamagedInput);
  };
  refused(one + one, "step 1 follows step 1");
  Json line = kilm::training::to_json(a_step(2));
  line.set("loss", "low");
  refused(one + line.dump() + "\n", "expected a number, found a string");
  folder.write("log.jsonl", one + "{\"step\": 2,,\n");
  CHECK_THROWS_AS(kilm::report::read_history(path), base::DamagedInput);
  folder.write("log.jsonl", one + "[]\n");
  CHECK_THROWS_AS(kilm::report::read_history(path), base::DamagedInput);
}

TEST_CASE("a log without a step is refused") {
  const Folder folder;
  for (const char* log : {"", "{\"step\": 1"})
    CHECK_THROWS_WITH_AS(read(folder, log), (folder / "log.jsonl" + ": holds no step yet").c_str(), base::UsageError);
}
