// Short vectors for the CPU kernels, on GCC's vector types: as wide as the instruction set of the including file.
// Everything is in the namespace of that instruction set, so that no wide code leaks into a narrow file.
#pragma once

#include <cstdint>
#include <cstring>
#include <utility>

#include "tensor/dtype.h"

#if defined(__AVX512F__)
#define KILM_VECTOR_BYTES 64
#elif defined(__AVX2__)
#define KILM_VECTOR_BYTES 32
#else
#define KILM_VECTOR_BYTES 16
#endif

namespace tensor::cpu::KILM_KERNEL_ISA {

inline constexpr int kVectorBytes = KILM_VECTOR_BYTES;

using f32v = float __attribute__((vector_size(KILM_VECTOR_BYTES)));
using f64v = double __attribute__((vector_size(KILM_VECTOR_BYTES)));
using i32v = int32_t __attribute__((vector_size(KILM_VECTOR_BYTES)));
using u32v = uint32_t __attribute__((vector_size(KILM_VECTOR_BYTES)));
using u16h = uint16_t __attribute__((vector_size(KILM_VECTOR_BYTES / 2)));

// Vec<A> holds accumulation type A (float or double); `lanes<A>` of them.
template <class A>
struct VecOf {
  using type = f32v;
};
template <>
struct VecOf<double> {
  using type = f64v;
};
template <class A>
using Vec = typename VecOf<A>::type;
template <class A>
inline constexpr int lanes = KILM_VECTOR_BYTES / int(sizeof(A));

inline f32v load(const float* p) {
  f32v v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
inline f64v load(const double* p) {
  f64v v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
inline f32v load(const bf16* p) {
  u16h h;
  std::memcpy(&h, p, sizeof h);
  return f32v(__builtin_convertvector(h, u32v) << 16);
}

inline void store(float* p, f32v v) { std::memcpy(p, &v, sizeof v); }
inline void store(double* p, f64v v) { std::memcpy(p, &v, sizeof v); }
inline void store(bf16* p, f32v v) {
  const u32v u = u32v(v);
  const u32v rounded = (u + 0x7fffu + ((u >> 16) & 1u)) >> 16;
  const u32v nan = u32v(v != v);  // all ones where v is nan
  const u16h h = __builtin_convertvector((rounded & ~nan) | (nan & 0x7fffu), u16h);
  std::memcpy(static_cast<void*>(p), &h, sizeof h);
}

// Loads one element, for the tails of rows.
inline float load_one(const float* p) { return *p; }
inline double load_one(const double* p) { return *p; }
inline float load_one(const bf16* p) { return float(*p); }
inline void store_one(float* p, float v) { *p = v; }
inline void store_one(double* p, double v) { *p = v; }
inline void store_one(bf16* p, float v) { *p = bf16(v); }

// Loads the first n < lanes elements; the rest is `fill`.
template <class T, class A = acc_t<T>>
inline Vec<A> load_part(const T* p, int64_t n, A fill = 0) {
  Vec<A> v = Vec<A>{} + fill;
  for (int64_t i = 0; i < n; ++i) v[i] = load_one(p + i);
  return v;
}
template <class T, class V>
inline void store_part(T* p, V v, int64_t n) {
  for (int64_t i = 0; i < n; ++i) store_one(p + i, v[i]);
}

// The two kinds of step of for_lanes: a whole vector, and the first n lanes of one, for the tail of a row.
struct WholeVector {
  template <class T, class A = acc_t<T>>
  Vec<A> get(const T* p, A = 0) const {
    return load(p);
  }
  template <class T, class V>
  void put(T* p, V v) const {
    store(p, v);
  }
};
struct PartOfVector {
  int64_t n;
  template <class T, class A = acc_t<T>>
  Vec<A> get(const T* p, A fill = 0) const {
    return load_part(p, n, fill);
  }
  template <class T, class V>
  void put(T* p, V v) const {
    store_part(p, v, n);
  }
};

// Calls f(i, step) for i = 0, lanes<A>, ... below n; `step` loads and stores the elements at i.
template <class A, class F>
inline void for_lanes(int64_t n, F&& f) {
  int64_t i = 0;
  for (; i + lanes<A> <= n; i += lanes<A>) f(i, WholeVector{});
  if (i < n) f(i, PartOfVector{n - i});
}

template <class V>
inline V vmax(V a, V b) {
  return a > b ? a : b;
}
template <class V>
inline V vmin(V a, V b) {
  return a < b ? a : b;
}

// Returns a[0], b[0], a[1], b[1], ... of the lower halves, or of the upper ones.
template <int kUpper, class V, size_t... I>
[[gnu::always_inline]] inline V interleave(V a, V b, std::index_sequence<I...>) {
  constexpr int n = sizeof...(I);
  return __builtin_shufflevector(a, b, int(kUpper * n / 2 + I / 2 + I % 2 * n)...);
}
template <int kUpper, class V>
[[gnu::always_inline]] inline V interleave(V a, V b) {
  return interleave<kUpper>(a, b, std::make_index_sequence<sizeof(V) / sizeof(a[0])>{});
}

// Makes v[i] of v[i + kStep]; what is beyond the end does not matter.
template <int kStep, class V, size_t... I>
inline V shift_lanes(V v, std::index_sequence<I...>) {
  return __builtin_shufflevector(v, v, int(I + kStep) % int(sizeof...(I))...);
}

// Combines the lanes as a fixed tree: the lower with the upper half, down to one.
template <class A, int kStep, class F>
inline A combine_lanes(Vec<A> v, F&& f) {
  if constexpr (kStep == 0)
    return v[0];
  else
    return combine_lanes<A, kStep / 2>(f(v, shift_lanes<kStep>(v, std::make_index_sequence<lanes<A>>{})), f);
}
template <class A>
inline A sum_lanes(Vec<A> v) {
  return combine_lanes<A, lanes<A> / 2>(v, [](Vec<A> a, Vec<A> b) { return a + b; });
}
template <class A>
inline A max_lanes(Vec<A> v) {
  return combine_lanes<A, lanes<A> / 2>(v, [](Vec<A> a, Vec<A> b) { return vmax(a, b); });
}

}  // namespace tensor::cpu::KILM_KERNEL_ISA
