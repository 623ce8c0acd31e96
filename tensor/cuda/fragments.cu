// See fragments.h. Each kernel is one warp, but for that of large shared memory. Integers that bf16 holds exactly make
// sums exact, so that nothing hides behind rounding.
#include "tensor/cuda/fragments.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tensor/cuda/kernel.cuh"

namespace tensor::cuda {

namespace {

constexpr int kLanes = 32;

// ---- kernels

struct Matrices {
  alignas(16) bf16 m[32][8];  // four of 8 x 8
};

template <bool Transposed>
__global__ void __launch_bounds__(kLanes) load_matrices(int32_t* y, const bf16* x) {
  auto& s = shared_memory<Matrices>();
  for (int i = 0; i < 8; ++i) s.m[threadIdx.x][i] = x[threadIdx.x * 8 + i];
  __syncwarp();
  uint32_t r[4];
  if constexpr (Transposed)
    ldmatrix_x4_trans(r, s.m[threadIdx.x]);
  else
    ldmatrix_x4(r, s.m[threadIdx.x]);
  for (int i = 0; i < 4; ++i) y[i * kLanes + int(threadIdx.x)] = int32_t(r[i]);
}

__device__ inline uint32_t pair(bf16 low, bf16 high) { return uint32_t(low.bits) | uint32_t(high.bits) << 16; }

// Computes c[16, 8] += a[16, 16] b[16, 8], with the fragments taken from memory number by number.
__global__ void __launch_bounds__(kLanes) multiply_by_table(float* c, const bf16* a, const bf16* b) {
  const int g = int(threadIdx.x) / 4, t = int(threadIdx.x) % 4 * 2;
  uint32_t fa[4], fb[2];
  for (int i = 0; i < 4; ++i) {
    const bf16* p = a + (g + i % 2 * 8) * 16 + t + i / 2 * 8;
    fa[i] = pair(p[0], p[1]);
  }
  for (int i = 0; i < 2; ++i) fb[i] = pair(b[(t + 8 * i) * 8 + g], b[(t + 8 * i + 1) * 8 + g]);
  float d[4];
  for (int i = 0; i < 4; ++i) d[i] = c[(g + i / 2 * 8) * 8 + t + i % 2];
  mma_bf16(d, fa, fb[0], fb[1]);
  for (int i = 0; i < 4; ++i) c[(g + i / 2 * 8) * 8 + t + i % 2] = d[i];
}

struct Operands {
  alignas(16) bf16 a[16][16];
  alignas(16) bf16 b[16][8];  // row-major: ldmatrix turns it around
};

// Does the same with fragments by ldmatrix, as attention has it.
__global__ void __launch_bounds__(kLanes) multiply_from_shared(float* c, const bf16* a, const bf16* b) {
  auto& s = shared_memory<Operands>();
  const int lane = int(threadIdx.x), g = lane / 4, t = lane % 4 * 2;
  for (int i = lane; i < 256; i += kLanes) s.a[i / 16][i % 16] = a[i];
  for (int i = lane; i < 128; i += kLanes) s.b[i / 8][i % 8] = b[i];
  __syncwarp();
  uint32_t fa[4], fb[4];
  ldmatrix_x4(fa, &s.a[lane % 16][lane / 16 * 8]);
  ldmatrix_x4_trans(fb, &s.b[lane % 16][0]);  // the last two matrices repeat the first two
  float d[4];
  for (int i = 0; i < 4; ++i) d[i] = c[(g + i / 2 * 8) * 8 + t + i % 2];
  mma_bf16(d, fa, fb[0], fb[1]);
  for (int i = 0; i < 4; ++i) c[(g + i / 2 * 8) * 8 + t + i % 2] = d[i];
}

struct Line {
  alignas(16) float v[4 * kLanes];
};

// Writes y[i] = x[i + 4], around the end, with zeros in place of what lane 3 should have copied.
__global__ void __launch_bounds__(kLanes) copy_through_shared(float* y, const float* x) {
  auto& s = shared_memory<Line>();
  const int i = int(threadIdx.x);
  cp_async_16(&s.v[4 * i], x + 4 * i, i != 3);
  cp_async_commit();
  cp_async_wait<0>();
  __syncthreads();
  for (int k = 0; k < 4; ++k) y[4 * i + k] = s.v[(4 * i + k + 4) % (4 * kLanes)];
}

struct TwoLines {
  Line first, second;
};

// Writes y[0..128) = x[0..128) while the second half is still on its way, then the second half.
__global__ void __launch_bounds__(kLanes) copy_in_groups(float* y, const float* x) {
  auto& s = shared_memory<TwoLines>();
  const int i = int(threadIdx.x);
  cp_async_16(&s.first.v[4 * i], x + 4 * i);
  cp_async_commit();
  cp_async_16(&s.second.v[4 * i], x + 4 * (kLanes + i));
  cp_async_commit();
  cp_async_wait<1>();
  for (int k = 0; k < 4; ++k) y[4 * i + k] = s.first.v[4 * i + k];
  cp_async_wait<0>();
  for (int k = 0; k < 4; ++k) y[4 * (kLanes + i) + k] = s.second.v[4 * i + k];
}

__global__ void __launch_bounds__(kLanes) pack_pairs(int32_t* y, const float* x) {
  y[threadIdx.x] = int32_t(pack_bf16(x[2 * threadIdx.x], x[2 * threadIdx.x + 1]));
}

__global__ void __launch_bounds__(kLanes) powers_of_two(float* y, const float* x) {
  y[threadIdx.x] = exp2_approx(x[threadIdx.x]);
}

constexpr int kManyThreads = 256;

struct Large {
  float v[80 * kManyThreads];  // 80 KiB: more than a kernel has without asking
};

__global__ void __launch_bounds__(kManyThreads) reverse_in_shared(float* y, const float* x) {
  auto& s = shared_memory<Large>();
  constexpr int n = 80 * kManyThreads;
  for (int i = int(threadIdx.x); i < n; i += kManyThreads) s.v[i] = x[i];
  __syncthreads();
  for (int i = int(threadIdx.x); i < n; i += kManyThreads) y[i] = s.v[n - 1 - i];
}

// ---- what they should give

std::vector<float> integers(size_t n, unsigned seed, int low, int high) {
  std::vector<float> x(n);
  for (size_t i = 0; i < n; ++i) x[i] = float(int((i * 7919 + seed * 104729) % 199) % (high - low + 1) + low);
  return x;
}

Tensor on(Device device, const std::vector<float>& x, DType dtype = DType::f32) {
  return Tensor::from({int64_t(x.size())}, x).cast(dtype).to(device);
}

template <class T>
double largest_error(const Tensor& got, const std::vector<T>& expected) {
  const std::vector<T> x = got.to({}).to_vector<T>();
  double largest = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double error = std::fabs(double(x[i]) - double(expected[i]));
    largest = std::isnan(error) ? HUGE_VAL : std::max(largest, error);
  }
  return largest;
}

int32_t pair_of(float low, float high) { return int32_t(uint32_t(bf16(low).bits) | uint32_t(bf16(high).bits) << 16); }

template <bool Transposed>
double ldmatrix_error(Device device) {
  std::vector<float> m(256);
  for (size_t i = 0; i < m.size(); ++i) m[i] = float(i);
  const Tensor x = on(device, m, DType::bf16);
  Tensor y = Tensor::empty({128}, DType::i32, device);
  launch(load_matrices<Transposed>, 1, kLanes, sizeof(Matrices), stream_of(y), y.mutable_data<int32_t>(),
         x.data<bf16>());
  std::vector<int32_t> expected(128);
  for (size_t i = 0; i < 4; ++i)
    for (size_t lane = 0; lane < 32; ++lane) {
      const size_t row = lane / 4, column = lane % 4 * 2;
      const auto element = [&](size_t r, size_t c) { return m[64 * i + (Transposed ? 8 * c + r : 8 * r + c)]; };
      expected[32 * i + lane] = pair_of(element(row, column), element(row, column + 1));
    }
  return largest_error(y, expected);
}

double product_error(Device device, void (*multiply)(float*, const bf16*, const bf16*), size_t shared) {
  const std::vector<float> a = integers(256, 1, -8, 8), b = integers(128, 2, -8, 8);
  std::vector<float> c = integers(128, 3, -99, 99);
  const Tensor x = on(device, a, DType::bf16), y = on(device, b, DType::bf16);
  Tensor z = on(device, c);
  launch(multiply, 1, kLanes, shared, stream_of(z), z.mutable_data<float>(), x.data<bf16>(), y.data<bf16>());
  for (size_t i = 0; i < 16; ++i)
    for (size_t j = 0; j < 8; ++j)
      for (size_t k = 0; k < 16; ++k) c[8 * i + j] += a[16 * i + k] * b[8 * k + j];
  return largest_error(z, c);
}

double mma_error(Device device) { return product_error(device, multiply_by_table, 0); }
double ldmatrix_mma_error(Device device) { return product_error(device, multiply_from_shared, sizeof(Operands)); }

double copy_error(Device device) {
  const std::vector<float> from = integers(128, 4, 1, 150);
  std::vector<float> expected(128);
  for (size_t i = 0; i < 128; ++i) expected[i] = (i + 4) % 128 / 4 == 3 ? 0 : from[(i + 4) % 128];
  const Tensor x = on(device, from);
  Tensor y = Tensor::empty({128}, DType::f32, device);
  launch(copy_through_shared, 1, kLanes, sizeof(Line), stream_of(y), y.mutable_data<float>(), x.data<float>());
  return largest_error(y, expected);
}

double groups_error(Device device) {
  const std::vector<float> from = integers(256, 5, 1, 150);
  const Tensor x = on(device, from);
  Tensor y = Tensor::empty({256}, DType::f32, device);
  launch(copy_in_groups, 1, kLanes, sizeof(TwoLines), stream_of(y), y.mutable_data<float>(), x.data<float>());
  return largest_error(y, from);
}

// Returns the error of pack_bf16. Halves between two bf16 numbers go to the even one.
double pack_error(Device device) {
  std::vector<float> from(64);
  for (size_t i = 0; i < 64; ++i) from[i] = (i % 2 ? -1.0f : 1.0f) * (1 + float(i) / 256);
  std::vector<int32_t> expected(32);
  for (size_t i = 0; i < 32; ++i) expected[i] = pair_of(from[2 * i], from[2 * i + 1]);
  const Tensor x = on(device, from);
  Tensor y = Tensor::empty({32}, DType::i32, device);
  launch(pack_pairs, 1, kLanes, 0, stream_of(y), y.mutable_data<int32_t>(), x.data<float>());
  return largest_error(y, expected);
}

// Returns the relative error; of the last lane, what should be 0, as the power is below the normal numbers.
double exp2_error(Device device) {
  std::vector<float> from(32), expected(32, 1), ratio(32);
  for (size_t i = 0; i < 32; ++i) from[i] = float(i) * 4.1f - 125;
  from[31] = -126.5f;
  expected[31] = 0;
  const Tensor x = on(device, from);
  Tensor y = Tensor::empty({32}, DType::f32, device);
  launch(powers_of_two, 1, kLanes, 0, stream_of(y), y.mutable_data<float>(), x.data<float>());
  const std::vector<float> got = y.to({}).to_vector<float>();
  for (size_t i = 0; i < 32; ++i) ratio[i] = i == 31 ? got[i] : float(double(got[i]) / std::exp2(double(from[i])));
  return largest_error(on({}, ratio), expected);
}

double large_shared_error(Device device) {
  std::vector<float> from = integers(80 * kManyThreads, 6, 0, 198);
  const Tensor x = on(device, from);
  Tensor y = Tensor::empty({int64_t(from.size())}, DType::f32, device);
  launch(reverse_in_shared, 1, kManyThreads, sizeof(Large), stream_of(y), y.mutable_data<float>(), x.data<float>());
  std::reverse(from.begin(), from.end());
  return largest_error(y, from);
}

constexpr Fragment kFragments[] = {
    {"ldmatrix", ldmatrix_error<false>, 0},
    {"ldmatrix transposed", ldmatrix_error<true>, 0},
    {"mma", mma_error, 0},
    {"mma of what ldmatrix gives", ldmatrix_mma_error, 0},
    {"cp.async, with zeros where told", copy_error, 0},
    {"cp.async in two groups", groups_error, 0},
    {"pack_bf16", pack_error, 0},
    {"exp2_approx", exp2_error, 4e-7},
    {"shared memory above 48 KiB", large_shared_error, 0},
};

}  // namespace

std::span<const Fragment> fragments() { return kFragments; }

}  // namespace tensor::cuda
