#include "tests/cuda_emulation/block.h"

#include "tests/cuda_on_cpu/on_device.h"

using namespace tests;

namespace {

struct Turned {
  float values[200];
};

// Writes y[i] = x[n - 1 - i] through shared memory.
void turn_around(float* y, const float* x, int n) {
  auto& s = shared_memory<Turned>();
  const int i = int(threadIdx.x + threadIdx.y * blockDim.x);
  if (i < n) s.values[i] = x[i];
  __syncthreads();
  if (i < n) y[i] = s.values[n - 1 - i];
}

void count_in_block(int* y) {
  const int odd = __syncthreads_count(threadIdx.x % 2), one = __syncthreads_or(threadIdx.x == 5),
            all = __syncthreads_and(threadIdx.x != 5);
  if (threadIdx.x == 0) {
    y[0] = odd;
    y[1] = one;
    y[2] = all;
  }
}

void leave_some_behind() {
  if (threadIdx.x >= 40) return;
  __syncthreads();
}

void meet_at_two_places() {
  if (threadIdx.x < 40)
    __syncthreads();
  else
    __syncthreads();
}

void who_am_i(int* y) {
  const unsigned block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
  const unsigned thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
  y[block * blockDim.x * blockDim.y * blockDim.z + thread] = int(block * 1000 + thread);
}

}  // namespace

TEST_CASE("threads of a block see after a barrier what others wrote before it, in every order") {
  std::vector<float> numbers(193);
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = float(i);
  for (const Options& options : all_orders()) {
    const WithOptions with(options);
    const Queue queue;
    const Array<float> x(numbers, queue), y(numbers.size());
    launch(turn_around, 1, dim3(50, 4), sizeof(Turned), queue, y, x, 193);
    CHECK(y.values(queue) == std::vector<float>(numbers.rbegin(), numbers.rend()));
  }
}

TEST_CASE("barriers count and join predicates") {
  const Queue queue;
  const Array<int> y(3);
  launch(count_in_block, 1, 33, 0, queue, y);
  CHECK(y.values(queue) == std::vector<int>{16, 1, 0});
}

TEST_CASE("threads and blocks have their indices in three dimensions") {
  for (const Options& options : all_orders()) {
    const WithOptions with(options);
    const Queue queue;
    const Array<int> y(24 * 30);
    launch(who_am_i, dim3(2, 3, 4), dim3(5, 3, 2), 0, queue, y);
    const std::vector<int> values = y.values(queue);
    for (int i = 0; i < 24 * 30; ++i) REQUIRE(values[size_t(i)] == i / 30 * 1000 + i % 30);
  }
}

TEST_CASE("a barrier that some threads never reach is reported with its line") {
  const Queue queue;
  const std::string fault = fault_of([&] { launch(leave_some_behind, 1, 64, 0, queue); });
  CHECK(contains(fault,
                 "a kernel, block (0,0,0) of (1,1,1): threads of one block can never go on: 24 have left the "
                 "kernel; 40 wait in __syncthreads at "));
  CHECK(contains(fault, "block_test.cpp:"));
  const std::string divergent = fault_of([&] { launch(meet_at_two_places, 1, 64, 0, queue); });
  CHECK(contains(divergent, "threads of one block are at different barriers: __syncthreads at "));
  launch(leave_some_behind, 1, 40, 0, queue);  // a fault leaves nothing behind
}
