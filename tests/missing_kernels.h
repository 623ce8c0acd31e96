// Which kernels a piece of work needs that a device does not have yet.
#pragma once

#include <functional>
#include <string>

#include "tensor/device.h"

namespace tests {

// Runs `work`, on the CPU, and returns the families of the kernels that it launches and the backend of `device` lacks:
// "norm, loss"; "" if it has all.
std::string missing_kernels(tensor::Device device, const std::function<void()>& work);

}  // namespace tests
