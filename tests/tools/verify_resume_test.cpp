// `kilm verify-resume` as a shell sees it.
#include <doctest/doctest.h>

#include <set>
#include <sstream>

#include "tensor/base/json.h"
#include "tests/tools/process.h"
#include "tests/tools/training_site.h"

using base::Json;

namespace fs = std::filesystem;

namespace {

// Runs with a TMPDIR of its own, where nothing may be left.
Output verify(const std::string& options) {
  const Folder scratch;
  const Output output = kilm("verify-resume --data " + training_site().data + " --model " + training_site().model +
                                 " --batch-tokens 512 --learning-rate 1e-3 " + options,
                             "", "OMP_WAIT_POLICY=passive TMPDIR=" + scratch.path.string());
  CHECK(fs::is_empty(scratch.path));
  return output;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::stringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("kilm verify-resume: runs stopped in every way come to the same bits") {
  const Output output = verify("--json --threads 2");
  REQUIRE_MESSAGE(output.code == 0, output.err);
  const std::vector<std::string> lines = lines_of(output.out);
  REQUIRE(lines.size() == 9);
  std::set<std::string> kinds;
  for (size_t i = 0; i < 8; ++i) {
    const Json stop = base::parse_json(lines[i], "standard output");
    CHECK(stop.at("difference").is_null());
    CHECK(stop.at("after").as_int() <= 10);
    const bool asked = stop.at("how").as_string() == "asked";
    CHECK((stop.at("resumed_from").as_int() == stop.at("after").as_int() || !asked));
    CHECK(stop.at("resumed_from").as_int() <= stop.at("after").as_int());
    kinds.insert(stop.at("how").as_string() + stop.at("in").as_string() + stop.at("threads").dump());
  }
  CHECK(kinds.size() == 8);
  CHECK(lines[8] == R"({"stops": 8, "different": 0})");
}

TEST_CASE("kilm verify-resume: prints a line for every stop and one of the sum") {
  const Output output = verify("--stops 3 --threads 1 --dtype bf16 --steps 5 --eval-every 2 --seed 3");
  REQUIRE_MESSAGE(output.code == 0, output.err);
  const std::vector<std::string> lines = lines_of(output.out);
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].starts_with("stop 1: asked to stop in a step after step "));
  CHECK(lines[1].starts_with("stop 2: asked to stop in an evaluation after step "));
  CHECK(lines[2].starts_with("stop 3: cut off in a step after step "));
  for (size_t i = 0; i < 3; ++i) CHECK(lines[i].ends_with(", 1 thread: the same bits"));
  CHECK(lines[3] == "3 of 3 stopped runs came to the same bits as the run that was not stopped");
}

TEST_CASE("kilm verify-resume: refuses what makes no sense") {
  CHECK(kilm("verify-resume --model x").code == 2);
  CHECK(verify("--stops 0").code == 2);
  CHECK(verify("--accumulate 0").code == 2);
}
