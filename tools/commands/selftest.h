// The options of `kilm selftest`, which the program kilm-selftest takes, too.
#pragma once

#include "tools/command_line.h"

namespace tools {

struct SelftestArguments {
  tensor::Device device{tensor::DeviceType::cuda, 0};
  std::string family = "*", name = "*";
  bool quick = false, json = false;
};

inline void declare_selftest(Options& options, SelftestArguments& a) {
  options.add("--device DEVICE", a.device, "what is to be tested: cpu, cuda or cuda:N");
  options.add("--family GLOB", a.family,
              "families of cases: fragments, attention, elementwise, index, loss, matmul, …");
  options.add("--case GLOB", a.name, "names of cases");
  options.add("--quick", a.quick, "run each case at its first size alone");
  options.add("--json", a.json, "print one JSON object per case and dtype");
}

}  // namespace tools
