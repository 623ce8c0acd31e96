#include "tests/tools/process.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace {

std::string read(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace

Output kilm(const std::string& arguments, const std::string& input, const std::string& setting) {
  char folder[] = "/tmp/kilm-test-XXXXXX";
  if (mkdtemp(folder) == nullptr) return {-1, "", "no temporary folder"};
  const std::string at = folder;
  std::ofstream(at + "/in", std::ios::binary) << input;
  const std::string command =
      setting + " '" KILM_BINARY_DIR "/kilm' " + arguments + " <" + at + "/in >" + at + "/out 2>" + at + "/err";
  const int status = std::system(command.c_str());
  Output output{WIFEXITED(status) ? WEXITSTATUS(status) : -1, read(at + "/out"), read(at + "/err")};
  for (const char* name : {"/in", "/out", "/err"}) unlink((at + name).c_str());
  rmdir(folder);
  return output;
}
