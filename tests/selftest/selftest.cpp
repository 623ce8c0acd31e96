#include "tests/selftest/selftest.h"

#include <fnmatch.h>

#include <cmath>
#include <cstdio>
#include <memory>

#include "tensor/base/json.h"
#include "tensor/format.h"
#include "tests/op_run.h"

namespace tests {

namespace {

using base::format;
using base::Json;

// Returns how near an error is to its tolerance; above 1 it is beyond.
double strain(double error, double allowed) { return allowed > 0 ? error / allowed : error > 0 ? HUGE_VAL : 0; }

void compare(const OpCase& op, const OpRunner& runner, const Sizes& sizes, DType dtype, SelftestResult& worst) {
  for (const Comparison& c : compare_with_definition(op, runner, sizes, dtype)) {
    if (!worst.place.empty() && strain(c.error, c.allowed) <= strain(worst.largest_error, worst.tolerance)) continue;
    worst.largest_error = c.error / c.scale;
    worst.tolerance = c.allowed / c.scale;
    worst.place = c.what + ", " + to_string(sizes);
  }
  const std::vector<Tensor> inputs = runner.inputs(sizes, dtype);
  if (!same_bits(runner(op.run, inputs), runner(op.run, inputs)))
    worst.problem = "a second run gave other bits, " + to_string(sizes);
}

SelftestResult run_case(const OpCase& op, const OpRunner& runner, DType dtype, bool quick) {
  SelftestResult worst;
  for (const Sizes& sizes : op.sizes) {
    try {
      compare(op, runner, sizes, dtype, worst);
    } catch (const std::exception& error) {
      worst.problem = format("{}, {}", error.what(), to_string(sizes));
    }
    if (quick || !worst.problem.empty()) break;
  }
  return worst;
}

std::string to_line(const SelftestCase& c, DType dtype, const SelftestResult& result, bool json) {
  if (json) {
    Json line = Json::object({{"family", c.family},
                              {"case", c.name},
                              {"dtype", tensor::name(dtype)},
                              {"largest_error", result.largest_error},
                              {"tolerance", result.tolerance},
                              {"ok", result.ok()}});
    if (!result.ok()) line.set("place", result.place);
    if (!result.problem.empty()) line.set("problem", result.problem);
    return line.dump() + "\n";
  }
  std::string line = format("{:<6} {:<12} {:<62} {:<5} {:>9.2e} of {:>8.2e}", result.ok() ? "ok" : "FAILED", c.family,
                            c.name, tensor::name(dtype), result.largest_error, result.tolerance);
  if (!result.ok()) line += "  " + result.place;
  if (!result.problem.empty()) line += "  " + result.problem;
  return line + "\n";
}

}  // namespace

SelftestCase selftest_of(const ListedCase& listed, Device device, bool quick) {
  const auto op = std::make_shared<const OpCase>(listed.make());
  const OpRunner runner(*op, device);
  return {listed.family, listed.name, runner.dtypes(),
          [op, runner, quick](DType dtype) { return run_case(*op, runner, dtype, quick); }};
}

std::vector<SelftestCase> selftest_cases(Device device, bool quick) {
  std::vector<SelftestCase> cases;
  for (const ListedCase& listed : listed_cases()) cases.push_back(selftest_of(listed, device, quick));
  return cases;
}

int selftest(const std::vector<SelftestCase>& cases, const SelftestChoice& choice) {
  int ran = 0, failed = 0;
  for (const SelftestCase& c : cases) {
    if (fnmatch(choice.family.c_str(), c.family.c_str(), 0) != 0) continue;
    if (fnmatch(choice.name.c_str(), c.name.c_str(), 0) != 0) continue;
    for (const DType dtype : c.dtypes) {
      const SelftestResult result = c.run(dtype);
      const std::string line = to_line(c, dtype, result, choice.json);
      std::fwrite(line.data(), 1, line.size(), stdout);
      std::fflush(stdout);
      ran += 1;
      failed += !result.ok();
    }
  }
  base::check<base::UsageError>(ran > 0, "no case has a family like {} and a name like {}", choice.family, choice.name);
  std::fprintf(stderr, "%d cases, %d failed\n", ran, failed);
  return failed > 0;
}

}  // namespace tests
