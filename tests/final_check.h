// What can only be said when all test cases of a program have run. A run of some of them leaves it out.
#pragma once

#include <string>

namespace tests {

// One per file at namespace scope, for as long as the program. `faults` returns a line per fault, "" if there are none;
// it counts as a test case of that name.
struct FinalCheck {
  FinalCheck(const char* name, std::string (*faults)());
  FinalCheck(const FinalCheck&) = delete;

  const char* name;
  std::string (*faults)();
};

}  // namespace tests
