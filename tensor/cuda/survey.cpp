#include "tensor/cuda/survey.h"

#include <cuda_runtime.h>

#include "tensor/cuda/backend.h"
#include "tensor/cuda/tables.h"
#include "tensor/format.h"

namespace tensor::cuda {

namespace {

// Returns what `look` throws; "" if it does not.
template <class Look>
std::string problem_of(Look look) {
  try {
    look();
    return "";
  } catch (const base::Error& error) {
    return error.what();
  }
}

// Returns what the device is. One that cannot be used is no problem for the others.
DeviceInfo info_of(Device device) {
  DeviceInfo info;
  const std::string problem = problem_of([&] { info = runtime_kernels.device_info(device); });
  if (!problem.empty()) info.name = problem;
  return info;
}

}  // namespace

Survey survey() {
  Survey found;
  int driver = 0, runtime = 0;
  if (cudaDriverGetVersion(&driver) == cudaSuccess && driver > 0) found.driver = version_text(driver);
  if (cudaRuntimeGetVersion(&runtime) == cudaSuccess) found.runtime = version_text(runtime);
  const std::string no_driver = problem_of(check_driver);
  if (no_driver.empty())
    for (int i = 0; i < runtime_kernels.device_count(); ++i) found.devices.push_back(info_of({DeviceType::cuda, i}));
  const std::string no_blas = problem_of([&] { found.blas = find_blas(); });
  for (const std::string& problem : {no_driver, no_blas})
    if (!problem.empty()) found.problems.push_back(problem);
  return found;
}

}  // namespace tensor::cuda
