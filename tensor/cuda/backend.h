// For register_backend(DeviceType::cuda, cuda::backend), which programs with CUDA call at their start.
#pragma once

#include "tensor/kernels.h"

namespace tensor::cuda {

// Throws UsageError that names what is missing: a driver, one that is new enough, a device.
const Backend& backend();

}  // namespace tensor::cuda
