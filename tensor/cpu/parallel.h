// Parallel loops whose results do not depend on the number of threads: the work is cut into blocks by size alone, a
// block runs on one thread, and partial results are combined in the order of the blocks.
#pragma once

#include <omp.h>

#include <algorithm>
#include <cstdint>

namespace tensor::cpu {

// Calls f(begin, end) for the blocks [0, grain), [grain, 2 grain), ... of [0, n). Nested calls run on the caller.
template <class F>
void parallel_for(int64_t n, int64_t grain, F&& f) {
  const int64_t blocks = (n + grain - 1) / grain;
  if (blocks <= 1 || omp_in_parallel() || omp_get_max_threads() == 1) {
    for (int64_t b = 0; b < blocks; ++b) f(b * grain, std::min(n, (b + 1) * grain));
    return;
  }
#pragma omp parallel for schedule(dynamic, 1)
  for (int64_t b = 0; b < blocks; ++b) f(b * grain, std::min(n, (b + 1) * grain));
}

// Elements per block for work of `cost` elementary operations per item: about 32 k operations, enough to hide the
// start.
inline int64_t grain_for(int64_t cost) { return std::max<int64_t>(1, 32768 / std::max<int64_t>(1, cost)); }

}  // namespace tensor::cpu
