// Which kernels a piece of work needs that a device does not have yet.
#pragma once

#include <functional>
#include <string>

#include "tensor/device.h"

namespace tests {

// Runs `work` on the CPU. Returns the families of the kernels that it launches and that the backend of `device` lacks:
// "norm, loss", or "" if it has all.
std::string missing_kernels(tensor::Device device, const std::function<void()>& work);

}  // namespace tests
