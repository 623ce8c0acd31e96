// Options, precedence and exit codes, in this process with commands of its own and on the real program.
#include "tools/command_line.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <new>
#include <sstream>

#include "tensor/base/device_failure.h"
#include "tests/tools/process.h"

using namespace tools;

namespace {

enum class Pace { slow, brisk };
constexpr Pace kPaces[] = {Pace::slow, Pace::brisk};
const char* name(Pace pace) { return pace == Pace::slow ? "slow" : "brisk"; }

struct Values {
  std::string input;
  std::vector<std::string> more;
  std::string mode = "fast";
  int64_t steps = 7;
  double rate = 0.5;
  bool json = false;
  std::vector<std::string> taps;
  std::optional<int64_t> seed;
  std::optional<std::string> name;
  Pace pace = Pace::slow;
  std::optional<Pace> last_pace;
  tensor::Device device = {};
  std::optional<tensor::Device> other_device;
};

Values seen;

void declare_values(Options& options, Values& values) {
  options.add("INPUT", values.input, "file to read, - is standard input");
  options.add("[MORE]", values.more, "more of them");
  options.add("--mode MODE", values.mode, "how").choices({"fast", "slow"});
  options.add("-n,--num-steps N", values.steps, "how often");
  options.add("--rate X", values.rate, "how fast");
  options.add("--json", values.json, "print JSON");
  options.add("--tap GLOB", values.taps, "value to keep, may be repeated");
  options.add("--seed N", values.seed, "start of the random numbers");
  options.add("--name TEXT", values.name, "what it is called");
  options.add("--pace PACE", values.pace, kPaces, "how fast it goes");
  options.add("--last-pace PACE", values.last_pace, kPaces, "how fast it ends");
  options.add("--device DEVICE", values.device, "what computes");
  options.add("--other-device DEVICE", values.other_device, "what else computes");
  options.config_file();
}

int run_values(const Values& values) {
  seen = values;
  return 0;
}

template <class E>
Command throwing(const std::string& name, E error) {
  return {name, "", "", [error](Options&) { return [error]() -> int { throw error; }; }};
}

int run(std::vector<const char*> words) {
  const Command group{.name = "group",
                      .summary = "has commands",
                      .subcommands = {
                          command<Values>("values", "reads values", "", declare_values, run_values),
                          throwing("error", base::Error("x")),
                          throwing("usage", base::UsageError("x")),
                          throwing("damaged", base::DamagedInput("x")),
                          throwing("not-finite", base::NonFinite("x")),
                          throwing("memory", base::OutOfMemory("x")),
                          throwing("device-memory", base::OutOfDeviceMemory("x")),
                          throwing("device", base::DeviceFailure("x")),
                          throwing("new", std::bad_alloc()),
                      }};
  words.insert(words.begin(), "program");
  return run_program(int(words.size()), words.data(), Command{.name = "program", .subcommands = {group}});
}

// Returns what run() prints on standard error.
std::string error_text(std::vector<const char*> words) {
  char path[] = "/tmp/kilm-test-XXXXXX";
  const int file = mkstemp(path), standard = dup(STDERR_FILENO);
  dup2(file, STDERR_FILENO);
  run(std::move(words));
  dup2(standard, STDERR_FILENO);
  close(file);
  close(standard);
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  unlink(path);
  return text.str();
}

}  // namespace

TEST_CASE("command line: options and positional arguments fill their variables") {
  REQUIRE(run({"group", "values", "-", "--num-steps", "-3", "b", "--tap=x", "c", "--tap", "y", "--json", "--rate",
               "1e-3", "--mode", "slow", "--seed", "5"}) == 0);
  CHECK(seen.input == "-");
  CHECK(seen.more == std::vector<std::string>{"b", "c"});
  CHECK(seen.mode == "slow");
  CHECK(seen.steps == -3);
  CHECK(seen.rate == 1e-3);
  CHECK(seen.json);
  CHECK(seen.taps == std::vector<std::string>{"x", "y"});
  CHECK(seen.seed == 5);
}

TEST_CASE("command line: arguments are taken as they are typed") {
  const std::vector<std::string> odd = {
      "[[Paris]]", "[see [[Paris]]]", "[p,q]", "[]", "{}", "%%", "%", "\"a\"", "'a'", "a,b", "++", "a=b", "[=", "a b",
      "\\n"};
  std::vector<const char*> words = {"group", "values", "--"};
  for (const std::string& word : odd) words.push_back(word.c_str());
  REQUIRE(run(words) == 0);
  CHECK(seen.input == odd[0]);
  CHECK(seen.more == std::vector<std::string>(odd.begin() + 1, odd.end()));
  for (const std::string& word : odd) {
    CAPTURE(word);
    const std::string joined = "--tap=" + word;
    REQUIRE(run({"group", "values", word.c_str(), "--tap", word.c_str(), joined.c_str(), "--name", word.c_str()}) == 0);
    CHECK(seen.input == word);
    CHECK(seen.taps == std::vector<std::string>{word, word});
    CHECK(seen.name == word);
    CHECK(seen.more.empty());
    setenv("KILM_TAP", word.c_str(), 1);
    setenv("KILM_NAME", word.c_str(), 1);
    REQUIRE(run({"group", "values", "a"}) == 0);
    CHECK(seen.taps == std::vector<std::string>{word});
    CHECK(seen.name == word);
    unsetenv("KILM_TAP");
    unsetenv("KILM_NAME");
  }
}

TEST_CASE("command line: an empty value is none") {
  CHECK(run({"group", "values", ""}) == 2);
  CHECK(run({"group", "values", "a", ""}) == 2);
  CHECK(run({"group", "values", "a", "--tap", ""}) == 2);
  CHECK(run({"group", "values", "a", "--name", ""}) == 2);
  CHECK(run({"group", "values", "--name=", "a"}) == 2);  // nor is it the next word
  CHECK(run({"group", "values", "a", "--num-steps=", "3"}) == 2);
  CHECK(run({"group", "values", "a", "--json="}) == 2);
  setenv("KILM_NAME", "", 1);  // as if it were not set
  REQUIRE(run({"group", "values", "a"}) == 0);
  CHECK(!seen.name);
  unsetenv("KILM_NAME");
  CHECK(kilm("train --data '' --model m").err.find("kilm train: --data: is empty\n") == 0);
}

TEST_CASE("command line: defaults stay when nothing is given, and the last of two values wins") {
  REQUIRE(run({"group", "values", "a", "-n", "1", "-n", "2"}) == 0);
  CHECK(seen.mode == "fast");
  CHECK(seen.steps == 2);
  CHECK(!seen.seed);
  CHECK(seen.more.empty());
}

TEST_CASE("command line: a choice is the value that its name stands for") {
  REQUIRE(run({"group", "values", "a"}) == 0);
  CHECK(seen.pace == Pace::slow);
  CHECK(!seen.last_pace);
  REQUIRE(run({"group", "values", "a", "--pace", "slow", "--pace", "brisk", "--last-pace=slow"}) == 0);
  CHECK(seen.pace == Pace::brisk);
  CHECK(seen.last_pace == Pace::slow);
  setenv("KILM_LAST_PACE", "brisk", 1);
  REQUIRE(run({"group", "values", "a"}) == 0);
  CHECK(seen.last_pace == Pace::brisk);
  unsetenv("KILM_LAST_PACE");
  for (const char* wrong : {"", "fast", "Slow", "slow,brisk"})
    CHECK(run({"group", "values", "a", "--pace", wrong}) == 2);
}

TEST_CASE("command line: a device is read, and what is none is refused") {
  REQUIRE(run({"group", "values", "a"}) == 0);
  CHECK(seen.device == tensor::Device{});
  CHECK(!seen.other_device);
  REQUIRE(run({"group", "values", "a", "--device", "cuda", "--other-device=cuda:3"}) == 0);
  CHECK(seen.device == tensor::Device{tensor::DeviceType::cuda, 0});
  CHECK(seen.other_device == tensor::Device{tensor::DeviceType::cuda, 3});
  CHECK(run({"group", "values", "a", "--device", ""}) == 2);
  CHECK(error_text({"group", "values", "a", "--other-device", "gpu"}).find("gpu should be cpu, cuda or cuda:N") !=
        std::string::npos);
}

TEST_CASE("command line: a flag wins over the environment, that over the file, that over the default") {
  char path[] = "/tmp/kilm-config-XXXXXX";
  close(mkstemp(path));
  std::ofstream(path) << "num_steps = 1\nrate = 0.25\njson = true\n"
                         "[group.values]\nseed = 11\n[group.other]\nanything = 1\n";
  setenv("KILM_NUM_STEPS", "2", 1);
  REQUIRE(run({"group", "values", "a", "--config", path}) == 0);
  CHECK(seen.steps == 2);
  CHECK(seen.rate == 0.25);
  CHECK(seen.json);
  CHECK(seen.seed == 11);
  REQUIRE(run({"group", "values", "a", "--config", path, "--num-steps", "3"}) == 0);
  CHECK(seen.steps == 3);
  unsetenv("KILM_NUM_STEPS");
  REQUIRE(run({"group", "values", "a", "--config", path}) == 0);
  CHECK(seen.steps == 1);
  std::ofstream(path) << "num_stepz = 1\n";
  CHECK(run({"group", "values", "a", "--config", path}) == 2);
  unlink(path);
  CHECK(run({"group", "values", "a", "--config", path}) == 2);
}

TEST_CASE("command line: KILM_CONFIG names the configuration file, unless --config does") {
  char path[] = "/tmp/kilm-config-XXXXXX", other[] = "/tmp/kilm-config-XXXXXX";
  close(mkstemp(path));
  close(mkstemp(other));
  std::ofstream(path) << "num_steps = 1\nrate = 0.25\n";
  std::ofstream(other) << "num_steps = 2\n";
  setenv("KILM_CONFIG", path, 1);
  REQUIRE(run({"group", "values", "a"}) == 0);
  CHECK(seen.steps == 1);
  CHECK(seen.rate == 0.25);
  REQUIRE(run({"group", "values", "a", "--config", other}) == 0);
  CHECK(seen.steps == 2);
  CHECK(seen.rate == 0.5);
  setenv("KILM_CONFIG", "", 1);
  REQUIRE(run({"group", "values", "a"}) == 0);
  CHECK(seen.steps == 7);
  setenv("KILM_CONFIG", "/no/such/file", 1);
  CHECK(run({"group", "values", "a"}) == 2);
  unsetenv("KILM_CONFIG");
  unlink(path);
  unlink(other);
}

TEST_CASE("command line: an option of a file has one value, one that may be repeated has some") {
  char path[] = "/tmp/kilm-config-XXXXXX";
  close(mkstemp(path));
  const auto code = [&](const char* text) {
    std::ofstream(path) << text << "\n";
    return run({"group", "values", "a", "--config", path});
  };
  REQUIRE(code("mode = [\"slow\"]\ntap = [\"a\", \"b\"]") == 0);
  CHECK(seen.mode == "slow");
  CHECK(seen.taps == std::vector<std::string>{"a", "b"});
  for (const char* text : {"mode = []", "mode = [\"", "mode = [", "mode = [\"fast\", \"slow\"]", "num_steps = [1, 2]",
                           "tap = []", "tap = [", "json = [true, false]"}) {
    CAPTURE(text);
    CHECK(code(text) == 2);
  }
  unlink(path);
}

TEST_CASE("command line: wrong usage is exit code 2") {
  CHECK(run({}) == 2);
  CHECK(run({"group"}) == 2);
  CHECK(run({"group", "valuez"}) == 2);
  CHECK(run({"group", "values"}) == 2);
  CHECK(run({"group", "values", "a", "--num-steps", "many"}) == 2);
  CHECK(run({"group", "values", "a", "--num-steps", "1.5"}) == 2);
  CHECK(run({"group", "values", "a", "--num-steps", "99999999999999999999"}) == 2);
  CHECK(run({"group", "values", "a", "--num-steps", ""}) == 2);
  CHECK(run({"group", "values", "a", "--rate", "nan"}) == 2);
  CHECK(run({"group", "values", "a", "--rate", "inf"}) == 2);
  CHECK(run({"group", "values", "a", "--num-steps"}) == 2);
  CHECK(run({"group", "values", "a", "--mode", "medium"}) == 2);
  CHECK(run({"group", "values", "a", "--nothing-like-it"}) == 2);
}

TEST_CASE("command line: error types become exit codes") {
  CHECK(run({"group", "error"}) == 1);
  CHECK(run({"group", "usage"}) == 2);
  CHECK(run({"group", "damaged"}) == 3);
  CHECK(run({"group", "not-finite"}) == 4);
  CHECK(run({"group", "memory"}) == 5);
  CHECK(run({"group", "device-memory"}) == 5);
  CHECK(run({"group", "new"}) == 5);
  CHECK(run({"group", "device"}) == 75);
}

TEST_CASE(
    "command line: where a device has no memory left, the program says what may help; of a full disk it does not") {
  const std::string advice = "; try a smaller token budget, recompute = layer or graphs = off\n";
  CHECK(error_text({"group", "device-memory"}) == "program group device-memory: x" + advice);
  CHECK(error_text({"group", "memory"}) == "program group memory: x\n");
}

TEST_CASE("kilm: a mistyped word gets a suggestion on standard error") {
  const Output command = kilm("versio");
  CHECK(command.code == 2);
  CHECK(command.out.empty());
  CHECK(command.err.find("unknown command versio (did you mean version?)") != std::string::npos);
  CHECK(kilm("version --biuld").err.find("unknown option --biuld (did you mean --build?)") != std::string::npos);
  CHECK(kilm("version --something-else").err.find("did you mean") == std::string::npos);
  CHECK(kilm("version extra").err.find("unexpected argument extra") != std::string::npos);
}

TEST_CASE("kilm: results that cannot be written are a failure") { CHECK(kilm("version >/dev/full #").code == 5); }

TEST_CASE("kilm: a closed standard stream takes nothing, and no file gets its place") {
  CHECK(kilm("version >&- 2>/dev/null #").code == 1);
  CHECK(kilm("tokenizer encode /no/such/folder 2>&- #").code == 1);
  CHECK(kilm("prepare - --paragraphs - <&- >&- 2>/dev/null #").code == 1);
}

TEST_CASE("kilm: what is wrong with a number or a name in a configuration file is said") {
  CHECK(kilm("train --steps 1e3").err.find("--steps: \"1e3\" should be a whole number") != std::string::npos);
  CHECK(kilm("train --lambda nan").err.find("--lambda: \"nan\" should be a finite number") != std::string::npos);
  CHECK(kilm("train --print-config --config /dev/stdin", "stepz = 1\n")
            .err.find("/dev/stdin: unknown option stepz (did you mean --steps?)") != std::string::npos);
  CHECK(kilm("train --print-config --config /dev/stdin", "\xEF\xBB\xBFsteps = 7\n").out.find("\"steps\": 7,") !=
        std::string::npos);
}

TEST_CASE("kilm: --cite prints both papers") {
  const Output output = kilm("--cite");
  CHECK(output.code == 0);
  CHECK(output.err.empty());
  CHECK(output.out.find("2023.acl-long.275") != std::string::npos);
  CHECK(output.out.find("2020.acl-main.703") != std::string::npos);
}

namespace {

// Turns "--steps N" of a help line into words to try: "--steps=1"; a value in braces after the help is a choice.
std::string attempt(const std::string& line) {
  std::stringstream words(line);
  std::string names, value;
  words >> names >> value;
  const std::string name = names.substr(names.rfind(',') + 1);
  const size_t gap = line.find(names) + names.size();
  if (gap + 1 >= line.size() || line[gap + 1] == ' ' || value.empty()) return name;
  const size_t brace = line.find(": {");
  if (value == "DEVICE") return name + "=cpu";
  if (brace == std::string::npos) return name + "=1";
  return name + "=" + line.substr(brace + 3, line.find_first_of(",}", brace) - brace - 3);
}

// Walks the help of a command and all below it. `--no-such-option` makes every attempt end before the command runs,
// and its message shows that nothing else was wrong.
void check_help(const std::string& command) {
  INFO(command);
  const Output help = kilm(command + " --help");
  REQUIRE(help.code == 0);
  CHECK(help.err.empty());
  CHECK(help.out == kilm(command + " -h").out);
  std::stringstream lines(help.out.substr(help.out.find("\n\n") + 2));
  std::string line, section;
  while (std::getline(lines, line)) {
    if (!line.empty() && line[0] != ' ') section = line;
    if (line.rfind("  ", 0) != 0) continue;
    std::stringstream words(line);
    std::string name;
    words >> name;
    if (section == "Commands:") check_help(command + " " + name);
    if (section != "Options:" || name == "-h,--help" || name == "--config") continue;
    INFO(line);
    const Output output = kilm(command + " " + attempt(line) + " --no-such-option");
    CHECK(output.code == 2);
    CHECK(output.err.find("unknown option --no-such-option") != std::string::npos);
  }
}

}  // namespace

TEST_CASE("kilm: every command has help, and every option that it lists parses") { check_help(""); }
