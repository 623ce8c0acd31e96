// What `kilm selftest` does: every op case on a device, against its definition on the CPU, without a test framework and
// without an end at the first failure.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/op_case.h"

namespace tests {

// What a case gave for one dtype: of all its outputs, gradients and sizes, that which came nearest to its tolerance or
// is furthest beyond it. Both numbers are shares of the largest magnitude of what should have come out.
struct SelftestResult {
  double largest_error = 0, tolerance = 0;
  std::string place;    // "gradient of input 1, sizes 3 5"
  std::string problem;  // what was thrown, or other bits in a second run; "" if neither

  bool ok() const { return problem.empty() && largest_error <= tolerance; }
};

struct SelftestCase {
  std::string family, name;
  std::vector<tensor::DType> dtypes;
  std::function<SelftestResult(tensor::DType)> run;
};

struct SelftestChoice {
  std::string family = "*", name = "*";  // globs
  bool json = false;
};

// Returns the selftest of a case in the dtypes that the device computes with; `quick`: at its first size alone.
SelftestCase selftest_of(const ListedCase& listed, tensor::Device device, bool quick);
std::vector<SelftestCase> selftest_cases(tensor::Device device, bool quick);  // of all that are listed

// Runs what is chosen. Prints a line for each case and dtype to standard output as it is known, and how many failed
// to standard error. A case that throws has failed, and the next one runs. Returns 0 if all are as they should be, else
// 1. Throws UsageError where nothing is chosen.
int selftest(const std::vector<SelftestCase>& cases, const SelftestChoice& choice);

}  // namespace tests
