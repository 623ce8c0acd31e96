#include "tests/cuda_emulation/isolation.h"

#include "tests/cuda_on_cpu/on_device.h"

using namespace tests;

namespace {

void one_each(int* y) { y[blockIdx.x] = int(blockIdx.x); }

void all_the_same(int* y) {
  if (threadIdx.x == 0) y[gridDim.x] = 7;
}

// Writes the sum in the last block to arrive only, which sees what the others wrote.
void last_block_sums(int* y, int* arrived) {
  y[1 + blockIdx.x] = int(blockIdx.x) + 1;
  __threadfence();
  if (atomicAdd(arrived, 1) < int(gridDim.x) - 1) return;
  y[0] = 0;
  for (unsigned i = 0; i < gridDim.x; ++i) y[0] += y[1 + i];
}

}  // namespace

TEST_CASE("isolate: two blocks that write one number are found, though they write the same") {
  const WithOptions with({.isolate = true});
  const Queue queue;
  const Array<int> y(8);
  launch(one_each, 6, 1, 0, queue, y);
  CHECK(y.values(queue)[5] == 5);
  CHECK(
      contains(fault_of([&] { launch(all_the_same, 3, 32, 0, queue, y); }),
               "block (1,0,0) of (3,1,1): writes byte 12 of a buffer of 32 bytes on device 0, as block (0,0,0) does"));
}

TEST_CASE("isolate: blocks that meet in an atomic see each other") {
  for (const Order order : {Order::forward, Order::reverse, Order::random}) {
    const WithOptions with({.order = order, .isolate = true});
    const Queue queue;
    const Array<int> y(6), arrived({0}, queue);
    launch(last_block_sums, 5, 1, 0, queue, y, arrived);
    CHECK(y.values(queue) == std::vector<int>{15, 1, 2, 3, 4, 5});
  }
}
