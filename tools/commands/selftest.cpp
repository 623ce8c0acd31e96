// `kilm selftest`: every op case on a device. The cases and their definitions are a program of its own beside this one,
// kilm-selftest, so that kilm stays what it is without them.
#include "tools/commands/selftest.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "tensor/base/error.h"
#include "tensor/base/format.h"
#include "tensor/device.h"
#include "tools/commands.h"

namespace tools {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> words_of(const SelftestArguments& a) {
  std::vector<std::string> words = {"kilm-selftest", "--device", tensor::to_string(a.device), "--family", a.family,
                                    "--case",        a.name};
  if (a.quick) words.push_back("--quick");
  if (a.json) words.push_back("--json");
  return words;
}

int run(const SelftestArguments& a) {
  const fs::path program = fs::read_symlink("/proc/self/exe").parent_path() / "kilm-selftest";
  base::check<base::UsageError>(
      fs::exists(program), "{} is not there; cmake --build FOLDER --target kilm-selftest builds it", program.string());
  std::vector<std::string> words = words_of(a);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  execv(program.c_str(), arguments.data());
  base::fail(base::format("{}: {}", program.string(), std::strerror(errno)));
}

}  // namespace

Command selftest() {
  return command<SelftestArguments>("selftest", "compares every op on a device with its definition on the CPU",
                                    "kilm selftest\n"
                                    "kilm selftest --device cpu --family attention\n"
                                    "kilm selftest --quick --json",
                                    declare_selftest, run);
}

}  // namespace tools
