#include "tests/tools/process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
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

Running::Running(const std::vector<std::string>& words) : process_(fork()) {
  if (process_ != 0) return;
  std::vector<char*> arguments = {const_cast<char*>("kilm")};
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const int nowhere = open("/dev/null", O_RDWR);
  for (int descriptor = 0; descriptor < 3; ++descriptor) dup2(nowhere, descriptor);
  execv(KILM_BINARY_DIR "/kilm", arguments.data());
  _exit(127);
}

Running::~Running() {
  if (ended()) return;
  signal(SIGKILL);
  wait();
}

void Running::signal(int number) const { kill(process_, number); }

bool Running::ended() {
  if (!ended_) ended_ = waitpid(process_, &status_, WNOHANG) == process_;
  return ended_;
}

int Running::wait() {
  if (!ended_) waitpid(process_, &status_, 0);
  ended_ = true;
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
}
