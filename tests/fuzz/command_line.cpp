// The words of a command line, one a line, and behind an empty line a configuration file.
#include "tools/command_line.h"

#include <fcntl.h>
#include <unistd.h>

#include "tests/fuzz/input.h"

namespace {

struct Values {
  std::string text = "x";
  int64_t whole = 1;
  double number = 0.5;
  bool flag = false;
  std::vector<std::string> many;
  std::optional<int64_t> maybe;
  std::optional<bool> on;
};

void declare(tools::Options& options, Values& values) {
  options.add("[FILE]", values.many, "positional");
  options.add("-t,--text TEXT", values.text, "text").choices({"x", "y"});
  options.add("--whole-number N", values.whole, "whole number");
  options.add("--number X", values.number, "number");
  options.add("--json", values.flag, "flag");
  options.add("--maybe N", values.maybe, "optional");
  options.add("--on", values.on, "on or off");
  options.config_file();
}

int run(const Values& values) { return values.text == "x" || values.text == "y" ? 0 : 6; }

// What is printed goes nowhere while this lives.
class Silence {
 public:
  Silence() : saved_{dup(1), dup(2)} {
    const int nowhere = open("/dev/null", O_WRONLY);
    for (const int stream : {1, 2}) dup2(nowhere, stream);
    close(nowhere);
  }
  ~Silence() {
    std::fflush(stdout);
    for (const int stream : {1, 2}) {
      dup2(saved_[stream - 1], stream);
      close(saved_[stream - 1]);
    }
  }

 private:
  int saved_[2];
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzz::parse(data, size, [](std::string_view bytes) {
    const size_t end = std::min(bytes.find("\n\n"), bytes.size());
    const fuzz::File config(bytes.substr(std::min(end + 2, bytes.size())));
    std::vector<std::string> words = {"kilm", "do"};
    for (size_t at = 0; at < end;) {
      const size_t stop = std::min(bytes.find('\n', at), end);
      words.emplace_back(bytes.substr(at, stop - at));
      at = stop + 1;
    }
    words.push_back("--config=" + config.path());
    std::vector<const char*> arguments;
    for (const std::string& word : words) arguments.push_back(word.c_str());
    static const tools::Command program{
        .name = "kilm", .summary = "", .subcommands = {tools::command<Values>("do", "does", "", declare, run)}};
    const Silence silence;
    const int code = tools::run_program(int(arguments.size()), arguments.data(), program);
    fuzz::require(code == 0 || code == 2, "a command line is right or wrong usage");
  });
}
