// Which thread of a block runs next, of those that can.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/cuda_emulation/emulation.h"
#include "tests/cuda_emulation/random.h"

namespace cuda_emulation {

class Scheduler {
 public:
  // Starts with a block of `threads` threads, all of which can run.
  void start(Order order, uint32_t threads, Random& random);
  // Lets the thread run again. Those that one event wakes are named in ascending order.
  void wake(uint32_t thread);
  // Takes a thread out, or returns -1 if none can run.
  int next();

 private:
  int next_in_line();
  int next_at_random();
  int next_greedy();

  Order order_ = Order::forward;
  Random* random_ = nullptr;
  std::vector<uint32_t> line_;  // forward, reverse: a ring; random: those that can run
  size_t head_ = 0, count_ = 0;
  std::vector<uint32_t> runnable_;  // greedy: a bit per lane of each warp
  std::vector<uint32_t> rank_;      // greedy: warps, the most urgent first
  uint32_t first_lane_ = 0;         // greedy: where the search for a lane begins
};

}  // namespace cuda_emulation
