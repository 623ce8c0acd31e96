#include "tests/cuda_emulation/scheduler.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

using namespace cuda_emulation;

namespace {

// Returns the threads of a block of 100 in the order in which they run when none waits.
std::vector<int> sequence(Order order, uint64_t seed = 1) {
  Random random(seed);
  Scheduler scheduler;
  scheduler.start(order, 100, random);
  std::vector<int> result;
  for (int thread = scheduler.next(); thread >= 0; thread = scheduler.next()) result.push_back(thread);
  return result;
}

}  // namespace

TEST_CASE("every order runs each thread once, and the seed decides about the random ones") {
  std::vector<int> ascending(100);
  std::iota(ascending.begin(), ascending.end(), 0);
  CHECK(sequence(Order::forward) == ascending);
  CHECK(sequence(Order::reverse) == std::vector<int>(ascending.rbegin(), ascending.rend()));
  for (const Order order : {Order::random, Order::greedy}) {
    std::vector<int> threads = sequence(order);
    CHECK(threads == sequence(order));
    CHECK(threads != sequence(order, 2));
    CHECK(threads != ascending);
    std::sort(threads.begin(), threads.end());
    CHECK(threads == ascending);
  }
}

TEST_CASE("greedy: one warp goes on for as long as it can") {
  Random random(3);
  Scheduler scheduler;
  scheduler.start(Order::greedy, 128, random);
  int changes = 0, warp = -1;
  for (int i = 0; i < 1000; ++i) {
    const int thread = scheduler.next();
    changes += thread / 32 != warp;
    warp = thread / 32;
    scheduler.wake(uint32_t(thread));
  }
  CHECK(changes < 100);
  CHECK(changes > 1);
}
