// One launch: the blocks of a grid, one after another.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "tests/cuda_emulation/vector_types.h"

namespace cuda_emulation {

struct Launch {
  std::string op;  // whose kernel it is, for reports
  int device = 0;
  dim3 grid, block;
  size_t shared = 0;           // bytes of shared memory
  std::function<void()> body;  // the kernel with its arguments
};

void run_grid(const Launch& launch);  // throws Error

// ---- for kernels
std::byte* shared_memory(size_t& bytes);  // of the block that runs
// Notes that the block means to be seen by others before it ends, or to see them: by an atomic, or a fence.
void meet_other_blocks();
void fence();  // what this thread did before it comes before what others do after a later fence

}  // namespace cuda_emulation
