// tools/gpu_check with scripts in the place of its programs: a phase that fails is told, and stops no other. The real
// ones run in the test `gpu_check`, on the emulation.
#include <doctest/doctest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <map>

#include "tensor/base/json.h"
#include "tests/kilm/folder.h"

namespace {

class GpuCheck {
 public:
  void program(const std::string& name, const std::string& script) {
    at.write(name, "#!/bin/sh\n" + script + "\n");
    std::filesystem::permissions(at / name, std::filesystem::perms::owner_all);
  }

  // The exit code of the first half.
  int run(const std::string& options) {
    const std::string command = "'" KILM_SOURCE_DIR "/tools/gpu_check' first --tiny --programs " + at.path.string() +
                                " --out " + at / "out" + " " + options + " >" + at / "lines" + " 2>&1";
    const int status = std::system(command.c_str());
    phases.clear();
    std::ifstream in(at / "lines");
    for (std::string line; std::getline(in, line);) {
      const base::Json json = base::parse_json(line, "a line of gpu_check");
      phases.emplace(json.at("phase").as_string(), json);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  bool ok(const std::string& phase) const { return phases.at(phase).at("ok").as_bool(); }
  std::string problem(const std::string& phase) const { return phases.at(phase).at("problem").as_string(); }

  Folder at;
  std::map<std::string, base::Json> phases;
};

constexpr size_t kPhases = 15;

}  // namespace

TEST_CASE("gpu_check: each phase is run and told, whatever becomes of the others") {
  GpuCheck check;
  for (const char* const name : {"kilm", "encyclopedia", "kilm-golden"}) check.program(name, "exit 3");
  check.program("bench", R"(echo '{"seconds": 2, "gbytes_per_second": 4e3, "gflops": 8e5}')");
  check.program("kilm-selftest", R"(case "$*" in
  *norm*) echo '{"case": "layer_norm", "ok": false}'; exit 1 ;;
  *) echo '{"case": "other", "ok": true}' ;;
esac)");
  CHECK(check.run("") == 1);
  CHECK(check.phases.size() == kPhases);
  CHECK(check.ok("fragments"));
  CHECK_FALSE(check.ok("doctor"));
  CHECK(check.problem("golden").starts_with("exit code 3, see "));
  CHECK_FALSE(check.ok("selftest"));
  CHECK(check.phases.at("selftest").at("cases").as_int() == 8);
  REQUIRE(check.phases.at("selftest").at("failed").items().size() == 1);
  CHECK(check.phases.at("selftest").at("failed").items()[0].at("case").as_string() == "layer_norm");
  CHECK(check.ok("ceilings"));
  CHECK(check.phases.at("ceilings").at("bf16_gflops").as_number() == 8e5);
  CHECK(check.phases.at("base").at("step_seconds").as_number() == 2);
}

TEST_CASE("gpu_check: what there was no time for has failed") {
  GpuCheck check;
  CHECK(check.run("--seconds 0") == 1);
  CHECK(check.phases.size() == kPhases);
  for (const auto& [name, line] : check.phases) CHECK_MESSAGE(check.problem(name) == "no time was left", name);
}
