// Runs build/kilm as a user's shell would and keeps what it prints.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

struct Output {
  int code;
  std::string out, err;
};

// Runs the program. `arguments` is the part of the shell command after the program; `setting` comes before it
// (environment).
Output kilm(const std::string& arguments, const std::string& input = "", const std::string& setting = "");

// build/kilm at work beside the test; what it prints is dropped. One that still runs is killed in the end.
class Running {
 public:
  explicit Running(const std::vector<std::string>& words);
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  void signal(int number) const;
  bool ended();  // whether it has ended
  int wait();    // waits for its end: the exit code, or -1 if a signal ended it

 private:
  pid_t process_;
  int status_ = 0;
  bool ended_ = false;
};
