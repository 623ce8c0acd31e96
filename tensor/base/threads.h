// Loops on several threads whose results do not depend on how many there are. The work is cut by size alone, and a
// piece runs on one thread. Who sums partial results does so in the order of the pieces. The only door to OpenMP, which
// threads.cpp names and nothing else.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <type_traits>

namespace base {

int processors();         // that this process may use
int threads();            // that loops started from this thread use: all processors, or what OMP_NUM_THREADS says
void set_threads(int n);  // at least 1; for loops started from this thread

// Calls piece(context, i, worker) for i in [0, n), each once, on all threads. `worker` is below threads(), and no two
// calls at one time have the same. A loop inside of another, or of one piece, runs on the caller as worker 0.
void run_pieces(int64_t n, void (*piece)(void* context, int64_t i, int worker), void* context);

// Calls f(begin, end), or f(begin, end, worker), for the blocks [0, grain), [grain, 2 grain), ... of [0, n). f should
// not throw.
template <class F>
void parallel_for(int64_t n, int64_t grain, F&& f) {
  struct Loop {
    int64_t n, grain;
    std::remove_reference_t<F>& f;
  } loop{n, grain, f};
  const auto block = [](void* context, int64_t i, int worker) {
    const Loop& l = *static_cast<const Loop*>(context);
    const int64_t begin = i * l.grain, end = std::min(l.n, begin + l.grain);
    if constexpr (std::is_invocable_v<F&, int64_t, int64_t, int>)
      l.f(begin, end, worker);
    else
      l.f(begin, end);
  };
  run_pieces((n + grain - 1) / grain, block, &loop);
}

// Returns the elements per block for work of `cost` elementary operations per item: about 32 k operations, enough to
// hide the start.
inline int64_t grain_for(int64_t cost) { return std::max<int64_t>(1, 32768 / std::max<int64_t>(1, cost)); }

// Calls f(i) for every i in [0, n), also after one has failed, and throws the error of the lowest i that did.
void for_all(int64_t n, const std::function<void(int64_t)>& f);

}  // namespace base
