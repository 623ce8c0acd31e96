#include "kilm/report/history.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"
#include "tests/kilm/folder.h"

using kilm::training::EvaluationRecord;
using kilm::training::StepReport;

namespace {

kilm::report::History read(const Folder& folder, const std::string& log) {
  folder.write("log.jsonl", log);
  return kilm::report::read_history(folder / "log.jsonl");
}

template <class Record>
std::string line_of(const Record& record) {
  return kilm::training::to_json(record).dump() + "\n";
}

}  // namespace

TEST_CASE("the steps and evaluations of a log are told apart, each in their order") {
  const Folder folder;
  const kilm::report::History history =
      read(folder, line_of(StepReport{.step = 1, .loss = 4}) + line_of(EvaluationRecord{.step = 1}) +
                       line_of(StepReport{.step = 2, .loss = 3}) +
                       line_of(EvaluationRecord{.step = 2, .split = kilm::dataset::Split::seen}));
  REQUIRE(history.steps.size() == 2);
  CHECK(history.steps[0].loss == 4);
  CHECK(history.steps[1].loss == 3);
  REQUIRE(history.evaluations.size() == 2);
  CHECK(history.evaluations[0].split == kilm::dataset::Split::unseen);
  CHECK(history.evaluations[1].step == 2);
}

TEST_CASE("a log without a step is refused") {
  const Folder folder;
  for (const char* log : {"", "{\"step\": 1"})
    CHECK_THROWS_WITH_AS(read(folder, log), (folder / "log.jsonl" + ": holds no step yet").c_str(), base::UsageError);
}
