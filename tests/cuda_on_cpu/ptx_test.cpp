// The twin of tensor/cuda/ptx.cuh against plain tables: which lane holds what, by the PTX ISA.
#include <cmath>
#include <cstring>

#include "tests/cuda_on_cpu/on_device.h"

using namespace tests;
using namespace tensor::cuda;
using tensor::bf16;

namespace {

struct Matrices {
  alignas(16) uint16_t m[32][8];  // four of 8 x 8
};

void load(uint32_t* plain, uint32_t* transposed, const uint16_t* x) {
  auto& s = shared_memory<Matrices>();
  for (int i = 0; i < 8; ++i) s.m[threadIdx.x][i] = x[threadIdx.x * 8 + i];
  __syncwarp();
  uint32_t r[4];
  ldmatrix_x4(r, s.m[threadIdx.x]);
  for (int i = 0; i < 4; ++i) plain[i * 32 + int(threadIdx.x)] = r[i];
  ldmatrix_x4_trans(r, s.m[threadIdx.x]);
  for (int i = 0; i < 4; ++i) transposed[i * 32 + int(threadIdx.x)] = r[i];
}

struct Operands {
  alignas(16) bf16 a[16][16];
  alignas(16) bf16 b[16][8];  // row-major: ldmatrix turns it around
};

// c[16, 8] += a[16, 16] b[16, 8], fragments from shared memory
void multiply(float* c, const bf16* a, const bf16* b) {
  auto& s = shared_memory<Operands>();
  const int lane = int(threadIdx.x);
  for (int i = lane; i < 256; i += 32) s.a[i / 16][i % 16] = a[i];
  for (int i = lane; i < 128; i += 32) s.b[i / 8][i % 8] = b[i];
  __syncwarp();
  uint32_t fa[4], fb[4];
  ldmatrix_x4(fa, &s.a[lane % 16][lane / 16 * 8]);
  ldmatrix_x4_trans(fb, &s.b[lane % 16][0]);  // the last two matrices repeat the first two
  const int row = lane / 4, column = lane % 4 * 2;
  float d[4];
  for (int i = 0; i < 4; ++i) d[i] = c[(row + i / 2 * 8) * 8 + column + i % 2];
  mma_bf16(d, fa, fb[0], fb[1]);
  for (int i = 0; i < 4; ++i) c[(row + i / 2 * 8) * 8 + column + i % 2] = d[i];
}

struct Line {
  alignas(16) float v[128];
};

void copy_through_shared(float* y, const float* x, int early) {
  auto& s = shared_memory<Line>();
  const int i = int(threadIdx.x);
  cp_async_16(&s.v[4 * i], x + 4 * i, i != 3);
  cp_async_commit();
  if (early) y[i] = s.v[4 * i];
  cp_async_wait<0>();
  __syncthreads();
  if (!early)
    for (int k = 0; k < 4; ++k) y[4 * i + k] = s.v[(4 * i + k + 4) % 128];
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

std::vector<bf16> numbers(size_t n, unsigned seed) {
  std::vector<bf16> result(n);
  for (size_t i = 0; i < n; ++i) result[i] = bf16(float((i * 7919 + seed * 104729) % 199) / 100 - 1);
  return result;
}

}  // namespace

TEST_CASE("ldmatrix: a lane holds two neighbours of a row, or of a column of the transposed") {
  const Queue queue;
  std::vector<uint16_t> m(256);
  for (size_t i = 0; i < m.size(); ++i) m[i] = uint16_t(i);
  const Array<uint16_t> x(m, queue);
  const Array<uint32_t> plain(128), transposed(128);
  launch(load, 1, 32, sizeof(Matrices), queue, plain, transposed, x);
  const std::vector<uint32_t> p = plain.values(queue), t = transposed.values(queue);
  const auto element = [&](unsigned matrix, unsigned row, unsigned column) {
    return uint32_t(m[64 * matrix + 8 * row + column]);
  };
  for (unsigned i = 0; i < 4; ++i)
    for (unsigned lane = 0; lane < 32; ++lane) {
      const unsigned row = lane / 4, column = lane % 4 * 2;
      CHECK(p[32 * i + lane] == (element(i, row, column) | element(i, row, column + 1) << 16));
      CHECK(t[32 * i + lane] == (element(i, column, row) | element(i, column + 1, row) << 16));
    }
}

TEST_CASE("mma: fragments by ldmatrix give the product, added to what was there") {
  for (const Options& options : all_orders()) {
    const WithOptions with(options);
    const Queue queue;
    const std::vector<bf16> a = numbers(256, 1), b = numbers(128, 2);
    const Array<bf16> pa(a, queue), pb(b, queue);
    const Array<float> pc(std::vector<float>(128, 3), queue);
    launch(multiply, 1, 32, sizeof(Operands), queue, pc, pa, pb);
    const std::vector<float> c = pc.values(queue);
    for (size_t i = 0; i < 16; ++i)
      for (size_t j = 0; j < 8; ++j) {
        double sum = 3;
        for (size_t k = 0; k < 16; ++k) sum += double(float(a[16 * i + k])) * double(float(b[8 * k + j]));
        CHECK(std::fabs(double(c[8 * i + j]) - sum) < 1e-5);
      }
  }
}

TEST_CASE("cp.async: arrives at the wait, not before it, and fills with zeros where told") {
  const Queue queue;
  std::vector<float> numbers(128);
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = float(i + 1);
  const Array<float> x(numbers, queue), y(128);
  launch(copy_through_shared, 1, 32, sizeof(Line), queue, y, x, 0);
  const std::vector<float> got = y.values(queue);
  for (size_t i = 0; i < 128; ++i) {
    const size_t from = (i + 4) % 128;
    CHECK(got[i] == (from / 4 == 3 ? 0 : numbers[from]));
  }
  launch(copy_through_shared, 1, 32, sizeof(Line), queue, y, x, 1);
  CHECK(std::isnan(y.values(queue)[5]));

  const Array<float> z(3);
  launch(two_groups, 1, 1, sizeof(Line), queue, z, x);
  const std::vector<float> groups = z.values(queue);
  CHECK(groups[0] == 1);
  CHECK(std::isnan(groups[1]));
  CHECK(groups[2] == 5);
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
