// What a machine has for GPUs to work: driver, libraries, devices. Plain C++, for `kilm doctor`.
#pragma once

#include <string>
#include <vector>

#include "tensor/kernels.h"

namespace tensor::cuda {

struct BlasLibrary {
  std::string version, path;  // "13.0.2"; empty: there is none
};

// Opens cuBLASLt. Throws UsageError that says where it was looked for.
BlasLibrary find_blas();

struct Survey {
  std::string driver;   // the newest CUDA that the NVIDIA driver knows, "13.0"; empty: there is no driver
  std::string runtime;  // the CUDA that this program was built with
  BlasLibrary blas;
  std::vector<DeviceInfo> devices;    // the name of one that cannot be used says why
  std::vector<std::string> problems;  // each with what to do about it
};

Survey survey();

}  // namespace tensor::cuda
