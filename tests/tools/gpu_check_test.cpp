// tools/gpu_check with scripts in the place of its programs: a phase that fails is told, and stops no other. The real
// ones run in the test `gpu_check`, on the emulation.
#include <doctest/doctest.h>
#include <sys/wait.h>

#include <cstdio>
#include <iterator>
#include <map>
#include <sstream>

#include "tensor/base/json.h"
#include "tests/kilm/folder.h"

namespace {

class GpuCheck {
 public:
  void program(const std::string& name, const std::string& script) {
    at.write(name, "#!/bin/sh\n" + script + "\n");
    std::filesystem::permissions(at / name, std::filesystem::perms::owner_all);
  }

  // The exit code. `survivors` is what programs write to their descriptor 9; it is whole when the last one has ended.
  // The file `pid` names the process of gpu_check.
  int run(const std::string& arguments) {
    const std::string command = "echo $$ >" + at / "pid" + "; exec '" KILM_SOURCE_DIR "/tools/gpu_check' " + arguments +
                                " 9>&1 >" + at / "output" + " 2>" + at / "messages";
    FILE* const pipe = popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    survivors.clear();
    for (int byte; (byte = std::fgetc(pipe)) != EOF;) survivors += static_cast<char>(byte);
    const int status = pclose(pipe);
    output = text("output");
    messages = text("messages");
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string folders() const { return " --programs " + at.path.string() + " --out " + at / "out" + " "; }

  // The exit code of the first half, whose lines are then in `phases`.
  int first(const std::string& options) {
    const int code = run("first" + folders() + options);
    CHECK(messages == "");
    phases.clear();
    std::istringstream in(output);
    for (std::string line; std::getline(in, line);) {
      const base::Json json = base::parse_json(line, "a line of gpu_check");
      phases.emplace(json.at("phase").as_string(), json);
    }
    return code;
  }
  bool ok(const std::string& phase) const { return phases.at(phase).at("ok").as_bool(); }
  std::string problem(const std::string& phase) const { return phases.at(phase).at("problem").as_string(); }

  Folder at;
  std::string output, messages, survivors;
  std::map<std::string, base::Json> phases;

 private:
  std::string text(const std::string& name) const {
    std::ifstream in(at / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
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
  CHECK(check.first("--tiny") == 1);
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
  check.program("kilm", "exit 0");
  for (const char* const options : {"--tiny --seconds 0", "--seconds 0 --tiny"}) {
    CHECK(check.first(options) == 1);
    CHECK(check.phases.size() == kPhases);
    for (const auto& [name, line] : check.phases) CHECK_MESSAGE(check.problem(name) == "no time was left", name);
  }
}

TEST_CASE("gpu_check: the limit of a phase ends a program that ignores SIGTERM") {
  GpuCheck check;
  check.program("kilm", "trap '' TERM; sleep 60; echo kilm >&9");
  CHECK(check.first("--tiny --seconds 3") == 1);
  CHECK(check.problem("doctor").starts_with("it was killed, its limit is "));
  CHECK(check.survivors == "");
}

TEST_CASE("gpu_check: a signal ends it, and the phase with it") {
  GpuCheck check;
  for (const char* const program : {"kilm", "kilm-selftest"})
    check.program(program, "trap '' TERM; kill -TERM $(cat " + check.at / "pid" + "); sleep 60; echo kilm >&9");
  for (const char* const half : {"first", "why norm"}) {
    CHECK_MESSAGE(check.run(half + check.folders() + "--tiny") == 130, half);
    CHECK(check.output == "");
    CHECK(check.survivors == "");
  }
}

TEST_CASE("gpu_check: why runs a family as it is, then under both checks, and leaves where there is none") {
  GpuCheck check;
  check.program("kilm", "exit 0");
  check.program("kilm-selftest", R"(case "$*" in
  *norm\ --quick) echo "$KILM_EMULATION" ;;
  *norm) echo "all cases" ;;
  *) exit 2 ;;
esac)");
  CHECK(check.run("why norm --tiny" + check.folders()) == 0);
  CHECK(check.output == "all cases\n== memcheck\ngreedy:1,protect\n== racecheck\nreverse,isolate\n");
  CHECK(check.run("why bogus --tiny" + check.folders()) == 2);
  CHECK(check.output == "");
}

TEST_CASE("gpu_check: help is output, wrong arguments are refused before anything runs") {
  GpuCheck check;
  for (const char* const arguments : {"--help", "-h", "first --help", "why --help", "why norm -h"}) {
    CHECK_MESSAGE(check.run(arguments) == 0, arguments);
    CHECK(check.output.starts_with("Usage: tools/gpu_check "));
    CHECK(check.messages == "");
  }
  for (const char* const arguments : {"", "third", "first --programs", "first --seconds abc", "first --seconds 08",
                                      "first fast", "why", "why --tiny", "why norm loss"}) {
    CHECK_MESSAGE(check.run(arguments) == 2, arguments);
    CHECK(check.output == "");
    CHECK(check.messages.starts_with("tools/gpu_check: "));
  }
  CHECK(check.run("first --tiny" + check.folders()) == 1);
  CHECK(check.output == "");
  CHECK(check.messages.find("has no program kilm") != std::string::npos);
}
