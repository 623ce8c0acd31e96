#include "tests/cuda_emulation/exchange.h"

#include "tests/cuda_on_cpu/on_device.h"

using namespace tests;

namespace {

constexpr unsigned kAll = ~0u;

void shuffles(int* y) {
  const int lane = int(threadIdx.x);
  y[lane] = __shfl_sync(kAll, lane, 7);
  y[32 + lane] = __shfl_xor_sync(kAll, lane, 3);
  y[64 + lane] = __shfl_down_sync(kAll, lane, 2);
  y[96 + lane] = __shfl_up_sync(kAll, lane, 2);
  y[128 + lane] = __shfl_sync(kAll, lane, 9, 8);       // lane 1 of each eight
  y[160 + lane] = __shfl_down_sync(kAll, lane, 3, 8);  // not beyond the eight
}

void votes(unsigned* y) {
  const int lane = int(threadIdx.x);
  const unsigned ballot = __ballot_sync(kAll, lane % 3 == 0);
  const int any = __any_sync(kAll, lane == 31), all = __all_sync(kAll, lane < 31);
  const unsigned same = __match_any_sync(kAll, lane / 16), sum = __reduce_add_sync(kAll, unsigned(lane)),
                 least = __reduce_min_sync(kAll, unsigned(lane + 5)), most = __reduce_max_sync(kAll, unsigned(lane));
  if (lane == 0)
    for (const unsigned v : {ballot, unsigned(any), unsigned(all), same, sum, least, most}) *y++ = v;
}

void halves(int* y) {
  const int lane = int(threadIdx.x);
  const unsigned mask = lane < 16 ? 0xffffu : 0xffff0000u;
  for (int i = 0; i < lane / 16 + 1; ++i) y[lane] = __shfl_xor_sync(mask, lane, 1);
}

void half_of_a_warp() {
  if (threadIdx.x < 16) __shfl_xor_sync(kAll, 1, 1);
}

void lanes_disagree() {
  if (threadIdx.x < 16)
    __shfl_xor_sync(kAll, 1, 1);
  else
    __syncwarp();
}

void reads_outside_of_its_mask() {
  if (threadIdx.x < 16) __shfl_sync(0xffffu, 1, 20);
}

}  // namespace

TEST_CASE("shuffles give each lane the value of the other, in every order") {
  for (const Options& options : all_orders()) {
    const WithOptions with(options);
    const Queue queue;
    const Array<int> y(192);
    launch(shuffles, 1, 32, 0, queue, y);
    const std::vector<int> values = y.values(queue);
    for (int lane = 0; lane < 32; ++lane) {
      const auto at = [&](int which) { return values[size_t(32 * which + lane)]; };
      CHECK(at(0) == 7);
      CHECK(at(1) == (lane ^ 3));
      CHECK(at(2) == (lane < 30 ? lane + 2 : lane));
      CHECK(at(3) == (lane >= 2 ? lane - 2 : lane));
      CHECK(at(4) == lane / 8 * 8 + 1);
      CHECK(at(5) == (lane % 8 < 5 ? lane + 3 : lane));
    }
  }
}

TEST_CASE("votes and reductions join the lanes") {
  const Queue queue;
  const Array<unsigned> y(7);
  launch(votes, 1, 32, 0, queue, y);
  CHECK(y.values(queue) == std::vector<unsigned>{0x49249249, 1, 0, 0xffff, 496, 5, 31});
}

TEST_CASE("parts of a warp with masks of their own do not wait for each other") {
  const Queue queue;
  const Array<int> y(32);
  launch(halves, 1, 32, 0, queue, y);
  const std::vector<int> values = y.values(queue);
  for (int lane = 0; lane < 32; ++lane) CHECK(values[size_t(lane)] == (lane ^ 1));
}

TEST_CASE("lanes that are missing, that do something else or that are not in the mask are reported") {
  const Queue queue;
  const std::string missing = fault_of([&] { launch(half_of_a_warp, 1, 32, 0, queue); });
  CHECK(contains(missing, "16 have left the kernel; 16 wait in __shfl_xor_sync at "));
  const std::string other = fault_of([&] { launch(lanes_disagree, 1, 32, 0, queue); });
  CHECK(contains(other, "lanes of one warp disagree: "));
  CHECK(contains(other, "__syncwarp at "));
  CHECK(contains(other, "__shfl_xor_sync at "));
  const std::string outside = fault_of([&] { launch(reads_outside_of_its_mask, 1, 32, 0, queue); });
  CHECK(contains(outside, "lane 20 is not in the mask"));
}
