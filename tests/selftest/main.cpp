// The program behind `kilm selftest`: the op cases of the tests, on the device that is asked for.
#include <cmath>

#include "tensor/runtime.h"
#include "tests/selftest/selftest.h"
#include "tools/commands/selftest.h"

#ifdef KILM_CUDA
#include "tensor/cuda/backend.h"
#include "tensor/cuda/fragments.h"
#endif

namespace {

#ifdef KILM_CUDA
tests::SelftestResult run_fragment(const tensor::cuda::Fragment& fragment, tensor::Device device) {
  tests::SelftestResult result{.tolerance = fragment.tolerance, .place = fragment.name};
  try {
    result.largest_error = fragment.largest_error(device);
  } catch (const std::exception& error) {
    result.problem = error.what();
  }
  return result;
}

std::vector<tests::SelftestCase> fragment_cases(tensor::Device device) {
  std::vector<tests::SelftestCase> cases;
  if (device.type != tensor::DeviceType::cuda) return cases;
  for (const tensor::cuda::Fragment& fragment : tensor::cuda::fragments())
    cases.push_back({"fragments", fragment.name, {tensor::DType::bf16}, [&fragment, device](tensor::DType) {
                       return run_fragment(fragment, device);
                     }});
  return cases;
}
#else
std::vector<tests::SelftestCase> fragment_cases(tensor::Device) { return {}; }
#endif

int run(const tools::SelftestArguments& a) {
  tensor::runtime(a.device);  // refused here if there is none
  std::vector<tests::SelftestCase> cases = fragment_cases(a.device);
  for (tests::SelftestCase& c : tests::selftest_cases(a.device, a.quick)) cases.push_back(std::move(c));
  return tests::selftest(cases, {.family = a.family, .name = a.name, .json = a.json});
}

}  // namespace

int main(int argc, char** argv) {
#ifdef KILM_CUDA
  tensor::register_backend(tensor::DeviceType::cuda, tensor::cuda::backend);
#endif
  return tools::run_program(argc, argv,
                            tools::command<tools::SelftestArguments>(
                                "kilm-selftest", "compares every op on a device with its definition on the CPU",
                                "kilm-selftest --device cpu", tools::declare_selftest, run));
}
