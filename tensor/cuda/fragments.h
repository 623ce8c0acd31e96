// The instructions of tensor/cuda/ptx.cuh one by one, each against plain arithmetic: the first thing that a new card
// should run. If one fails, so does everything built on it.
#pragma once

#include <span>

#include "tensor/device.h"

namespace tensor::cuda {

struct Fragment {
  const char* name;
  double (*largest_error)(Device device);  // runs it there; throws what the runtime throws
  double tolerance;                        // 0: the results are exact
};
std::span<const Fragment> fragments();

}  // namespace tensor::cuda
