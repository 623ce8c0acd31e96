// What kernels see of CUDA: who they are, barriers, warp functions, atomics and arithmetic.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include "tests/cuda_emulation/block.h"
#include "tests/cuda_emulation/exchange.h"
#include "tests/cuda_emulation/grid.h"
#include "tests/cuda_emulation/location.h"
#include "tests/cuda_emulation/vector_types.h"

// Set at each switch. Macros would break the members of these names in cudaLaunchConfig_t.
inline uint3 threadIdx, blockIdx;
inline dim3 blockDim, gridDim;
inline constexpr int warpSize = 32;

#define KILM_HERE cuda_emulation::Location where = cuda_emulation::Location::current()

// ---- barriers

inline void __syncthreads(KILM_HERE) { cuda_emulation::block().barrier("__syncthreads", 0, where); }
inline int __syncthreads_count(int predicate, KILM_HERE) {
  return cuda_emulation::block().barrier("__syncthreads_count", predicate != 0, where);
}
inline int __syncthreads_or(int predicate, KILM_HERE) {
  return cuda_emulation::block().barrier("__syncthreads_or", predicate != 0, where) != 0;
}
inline int __syncthreads_and(int predicate, KILM_HERE) {
  return cuda_emulation::block().barrier("__syncthreads_and", predicate == 0, where) == 0;
}
inline void __syncwarp(unsigned mask = ~0u, KILM_HERE) {
  const cuda_emulation::Exchange all(mask, "__syncwarp", nullptr, 0, where);
}

// ---- warp functions

namespace cuda_emulation {

inline int lane() { return int(block().current().lane()); }

// Returns the value of lane `from`; the own one where that is outside of the lanes [first, first + width).
template <class T>
T shuffle(unsigned mask, const char* what, T value, int from, int first, int width, Location where) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8);
  const Exchange all(mask, what, &value, sizeof value, where);
  if (from < first || from >= first + width) return value;
  if (!(mask >> from & 1))
    fail(std::string(what) + " at " + to_string(where) + ": lane " + std::to_string(from) + " is not in the mask");
  return all.from<T>(unsigned(from));
}

template <class T, class F>
T reduce(unsigned mask, const char* what, T value, Location where, F&& f) {
  const Exchange all(mask, what, &value, sizeof value, where);
  const int first = std::countr_zero(mask);
  T result = all.from<T>(unsigned(first));
  for (int i = first + 1; i < 32; ++i)
    if (mask >> i & 1) result = f(result, all.from<T>(unsigned(i)));
  return result;
}

inline int first_of(int width) { return lane() & ~(width - 1); }

}  // namespace cuda_emulation

template <class T>
T __shfl_sync(unsigned mask, T value, int from, int width = 32, KILM_HERE) {
  const int first = cuda_emulation::first_of(width);
  return cuda_emulation::shuffle(mask, "__shfl_sync", value, first + (from & (width - 1)), first, width, where);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32, KILM_HERE) {
  const int first = cuda_emulation::first_of(width), from = cuda_emulation::lane() ^ bits;
  return cuda_emulation::shuffle(mask, "__shfl_xor_sync", value, from, first, width, where);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned by, int width = 32, KILM_HERE) {
  const int first = cuda_emulation::first_of(width), from = cuda_emulation::lane() + int(by);
  return cuda_emulation::shuffle(mask, "__shfl_down_sync", value, from, first, width, where);
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned by, int width = 32, KILM_HERE) {
  const int first = cuda_emulation::first_of(width), from = cuda_emulation::lane() - int(by);
  return cuda_emulation::shuffle(mask, "__shfl_up_sync", value, from, first, width, where);
}
inline unsigned __ballot_sync(unsigned mask, int predicate, KILM_HERE) {
  const unsigned bit = unsigned(predicate != 0) << cuda_emulation::lane();
  return cuda_emulation::reduce(mask, "__ballot_sync", bit, where, [](unsigned a, unsigned b) { return a | b; });
}
inline int __any_sync(unsigned mask, int predicate, KILM_HERE) { return __ballot_sync(mask, predicate, where) != 0; }
inline int __all_sync(unsigned mask, int predicate, KILM_HERE) { return __ballot_sync(mask, predicate, where) == mask; }
template <class T>
unsigned __match_any_sync(unsigned mask, T value, KILM_HERE) {
  const cuda_emulation::Exchange all(mask, "__match_any_sync", &value, sizeof value, where);
  unsigned same = 0;
  for (unsigned i = 0; i < 32; ++i)
    if ((mask >> i & 1) && all.from<T>(i) == value) same |= 1u << i;
  return same;
}
// Reduces 32-bit integers, as the hardware does from sm_80 on.
template <class T>
T __reduce_add_sync(unsigned mask, T value, KILM_HERE) {
  return cuda_emulation::reduce(mask, "__reduce_add_sync", value, where,
                                [](T a, T b) { return T(unsigned(a) + unsigned(b)); });
}
template <class T>
T __reduce_min_sync(unsigned mask, T value, KILM_HERE) {
  return cuda_emulation::reduce(mask, "__reduce_min_sync", value, where, [](T a, T b) { return std::min(a, b); });
}
template <class T>
T __reduce_max_sync(unsigned mask, T value, KILM_HERE) {
  return cuda_emulation::reduce(mask, "__reduce_max_sync", value, where, [](T a, T b) { return std::max(a, b); });
}

// ---- atomics and fences

namespace cuda_emulation {

// Sets *p = f(*p) and returns what was there.
template <class T, class F>
T exchange_by(T* p, F&& f) {
  meet_other_blocks();
  T before, after;
  __atomic_load(p, &before, __ATOMIC_RELAXED);
  do after = f(before);
  while (!__atomic_compare_exchange(p, &before, &after, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
  return before;
}

}  // namespace cuda_emulation

template <class T>
T atomicAdd(T* p, std::type_identity_t<T> value) {
  return cuda_emulation::exchange_by(p, [=](T x) { return T(x + value); });
}
template <class T>
T atomicMin(T* p, std::type_identity_t<T> value) {
  return cuda_emulation::exchange_by(p, [=](T x) { return std::min(x, value); });
}
template <class T>
T atomicMax(T* p, std::type_identity_t<T> value) {
  return cuda_emulation::exchange_by(p, [=](T x) { return std::max(x, value); });
}
template <class T>
T atomicOr(T* p, std::type_identity_t<T> value) {
  return cuda_emulation::exchange_by(p, [=](T x) { return T(x | value); });
}
template <class T>
T atomicExch(T* p, std::type_identity_t<T> value) {
  return cuda_emulation::exchange_by(p, [=](T) { return value; });
}
template <class T>
T atomicCAS(T* p, std::type_identity_t<T> expected, std::type_identity_t<T> value) {
  return cuda_emulation::exchange_by(p, [=](T x) { return x == expected ? value : x; });
}
inline void __threadfence() {
  cuda_emulation::meet_other_blocks();
  cuda_emulation::fence();
}
inline void __threadfence_block() { cuda_emulation::fence(); }

// ---- arithmetic

template <class T>
T __ldg(const T* p) {
  return *p;
}
template <class T>
T __ldcs(const T* p) {
  return *p;
}
template <class T>
void __stcs(T* p, std::type_identity_t<T> value) {
  *p = value;
}
inline float __expf(float x) { return std::exp(x); }
inline float __logf(float x) { return std::log(x); }
inline float cospif(float x) { return std::cos(3.14159265358979f * x); }
inline float rsqrtf(float x) { return 1 / std::sqrt(x); }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fdividef(float a, float b) { return a / b; }
inline float __frcp_rn(float x) { return 1 / x; }
inline unsigned __float_as_uint(float x) { return std::bit_cast<unsigned>(x); }
inline int __float_as_int(float x) { return std::bit_cast<int>(x); }
inline float __uint_as_float(unsigned x) { return std::bit_cast<float>(x); }
inline float __int_as_float(int x) { return std::bit_cast<float>(x); }
inline unsigned __umulhi(unsigned a, unsigned b) { return unsigned(uint64_t(a) * b >> 32); }
inline int __popc(unsigned x) { return std::popcount(x); }
inline int __popcll(unsigned long long x) { return std::popcount(x); }
inline int __ffs(int x) { return x == 0 ? 0 : std::countr_zero(unsigned(x)) + 1; }
inline int __clz(int x) { return std::countl_zero(unsigned(x)); }
inline unsigned __brev(unsigned x) {
  unsigned y = 0;
  for (int i = 0; i < 32; ++i) y |= (x >> i & 1) << (31 - i);
  return y;
}
using std::max;
using std::min;

#undef KILM_HERE
