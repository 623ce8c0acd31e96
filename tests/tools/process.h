// Runs build/kilm as a user's shell would and keeps what it prints.
#pragma once

#include <string>

struct Output {
  int code;
  std::string out, err;
};

// `arguments` is the part of the shell command after the program; `setting` comes before it (environment).
Output kilm(const std::string& arguments, const std::string& input = "", const std::string& setting = "");
