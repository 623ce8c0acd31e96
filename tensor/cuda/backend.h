// For register_backend(DeviceType::cuda, cuda::backend), which programs with CUDA call at their start.
#pragma once

#include <string>

#include "tensor/kernels.h"

namespace tensor::cuda {

// Throws as check_driver(), and UsageError where cuBLASLt is missing.
const Backend& backend();

// Throws UsageError that names what is missing, a driver, one that is new enough, a device, and what to do about it.
void check_driver();

std::string version_text(int version);  // of CUDA: 12040 is "12.4"

}  // namespace tensor::cuda
