// The twin of tensor/cuda/ptx.cuh: the fragments that a card runs, and what only the emulation can tell.
#include <cmath>

#include "tensor/cuda/fragments.h"
#include "tests/cuda_on_cpu/compare.h"

using namespace tests;
using namespace tensor::cuda;

namespace {

struct Line {
  alignas(16) float v[128];
};

void read_before_the_wait(float* y, const float* x) {
  auto& s = shared_memory<Line>();
  cp_async_16(&s.v[4 * threadIdx.x], x + 4 * threadIdx.x);
  cp_async_commit();
  y[threadIdx.x] = s.v[4 * threadIdx.x];
  cp_async_wait<0>();
}

void two_groups(float* y, const float* x) {
  auto& s = shared_memory<Line>();
  cp_async_16(&s.v[0], x);
  cp_async_commit();
  cp_async_16(&s.v[4], x + 4);
  cp_async_commit();
  cp_async_wait<1>();
  y[0] = s.v[0];
  y[1] = s.v[4];
  cp_async_wait<0>();
  y[2] = s.v[4];
}

void load_odd(float* y) { y[0] = float(load_16(y + 1).x); }

void store_odd(uint16_t* y) { store_4(y + 1, 0); }

void want_more_shared() { shared_memory<Line>().v[0] = 1; }

}  // namespace

TEST_CASE("every fragment gives what plain arithmetic gives, in every order") {
  CHECK(fragments().size() == 9);
  for (const Options& options : all_orders()) {
    const WithOptions with(options);
    for (const Fragment& fragment : fragments()) {
      INFO(fragment.name);
      CHECK(fragment.largest_error(kCuda) <= fragment.tolerance);
    }
  }
}

TEST_CASE("cp.async: arrives at the wait, not before it") {
  const Queue queue;
  const Array<float> x(std::vector<float>(128, 1), queue), y(32);
  launch(read_before_the_wait, 1, 32, sizeof(Line), queue, y, x);
  CHECK(std::isnan(y.values(queue)[5]));

  const Array<float> z(3);
  launch(two_groups, 1, 1, sizeof(Line), queue, z, x);
  const std::vector<float> groups = z.values(queue);
  CHECK(groups[0] == 1);
  CHECK(std::isnan(groups[1]));
  CHECK(groups[2] == 1);
}

TEST_CASE("packed access at an odd address, and more shared memory than was given, are reported") {
  const Queue queue;
  const Array<float> y(8);
  CHECK(
      contains(fault_of([&] { launch(load_odd, 1, 1, 0, queue, y); }), "load_16: the address is not a multiple of 16"));
  const Array<uint16_t> halves(4);
  CHECK(contains(fault_of([&] { launch(store_odd, 1, 1, 0, queue, halves); }),
                 "store_4: the address is not a multiple of 4"));
  CHECK(contains(fault_of([&] { launch(want_more_shared, 1, 1, 64, queue); }),
                 "shared_memory: the kernel uses 512 bytes and was launched with 64"));
}

TEST_CASE("pack_bf16: rounds to nearest even, the first number in the lower half") {
  CHECK(pack_bf16(1, -2) == 0xc0003f80u);
  CHECK(pack_bf16(1.00390625f, 1.01171875f) == 0x3f823f80u);
  CHECK(pack_bf16(std::nanf(""), 0) == 0x7fffu);
}

TEST_CASE("exp2_approx: powers of two, and 0 below the normal numbers") {
  CHECK(exp2_approx(3) == 8);
  CHECK(exp2_approx(0.5f) == doctest::Approx(1.41421356));
  CHECK(exp2_approx(-126) == 0x1p-126f);
  CHECK(exp2_approx(-126.5f) == 0);
  CHECK(exp2_approx(-HUGE_VALF) == 0);
}
