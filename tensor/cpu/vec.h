// Short vectors for the CPU kernels, on GCC's vector types: as wide as the instruction set of the including file.
// Everything is in the namespace of that instruction set, so that no wide code leaks into a narrow file.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "tensor/dtype.h"

#if defined(__AVX512F__)
#define KILM_VECTOR_BYTES 64
#elif defined(__AVX2__)
#define KILM_VECTOR_BYTES 32
#else
#define KILM_VECTOR_BYTES 16
#endif

namespace tensor::cpu::KILM_ISA {

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

// One element, for the tails of rows.
inline float load_one(const float* p) { return *p; }
inline double load_one(const double* p) { return *p; }
inline float load_one(const bf16* p) { return float(*p); }
inline void store_one(float* p, float v) { *p = v; }
inline void store_one(double* p, double v) { *p = v; }
inline void store_one(bf16* p, float v) { *p = bf16(v); }

// The first n < lanes elements; the rest is `fill`.
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

// Sums and maxima over the lanes, as a fixed tree.
template <class A>
inline A sum_lanes(Vec<A> v) {
  A part[lanes<A>];
  std::memcpy(part, &v, sizeof v);
  for (int step = lanes<A> / 2; step > 0; step /= 2)
    for (int i = 0; i < step; ++i) part[i] += part[i + step];
  return part[0];
}
template <class A>
inline A max_lanes(Vec<A> v) {
  A part[lanes<A>];
  std::memcpy(part, &v, sizeof v);
  for (int step = lanes<A> / 2; step > 0; step /= 2)
    for (int i = 0; i < step; ++i) part[i] = part[i] > part[i + step] ? part[i] : part[i + step];
  return part[0];
}

template <class V>
inline V vmax(V a, V b) {
  return a > b ? a : b;
}
template <class V>
inline V vmin(V a, V b) {
  return a < b ? a : b;
}

// exp by 2^n times a polynomial on [-ln2/2, ln2/2] (Cephes coefficients); relative error below 2e-7; 0 below -87.3,
// inf above 88.7; nan stays nan.
inline f32v exp(f32v x) {
  const f32v clamped = vmax(vmin(x, f32v{} + 89.0f), f32v{} - 104.0f);
  const f32v shifted = clamped * 1.44269504088896341f + 12582912.0f;  // adds 1.5 * 2^23: rounds to an integer
  const f32v n = shifted - 12582912.0f;
  const f32v r = clamped - n * 0.693359375f + n * 2.12194440e-4f;
  f32v p = f32v{} + 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  // 2^n in two factors, so that n from -150 to 128 neither over- nor underflows too early
  const i32v e = __builtin_convertvector(n, i32v);
  const i32v half = e >> 1;
  const f32v scaled = p * f32v((half + 127) << 23) * f32v((e - half + 127) << 23);
  const f32v result = x < -87.33f ? f32v{} : (x > 88.73f ? f32v{} + std::numeric_limits<float>::infinity() : scaled);
  return x != x ? x : result;
}

// A short series near 0, where (e - 1) / (e + 1) would cancel.
inline f32v tanh(f32v x) {
  const f32v a = vmin(vmax(x, f32v{} - 9.5f), f32v{} + 9.5f);
  const f32v s = a * a;
  const f32v small = a * (1.0f + s * (-0.333333333f + s * (0.133333333f + s * (-0.0539682540f + s * 0.0218694885f))));
  const f32v e = exp(2.0f * a);
  const f32v large = (e - 1.0f) / (e + 1.0f);
  const f32v result = s < 0.09f ? small : large;
  return x != x ? x : result;
}

// Doubles are the reference type: the C library, lane by lane.
inline f64v exp(f64v x) {
  for (int i = 0; i < lanes<double>; ++i) x[i] = std::exp(x[i]);
  return x;
}
inline f64v tanh(f64v x) {
  for (int i = 0; i < lanes<double>; ++i) x[i] = std::tanh(x[i]);
  return x;
}
inline f64v erf(f64v x) {
  for (int i = 0; i < lanes<double>; ++i) x[i] = std::erf(x[i]);
  return x;
}
inline f32v erf(f32v x) {
  for (int i = 0; i < lanes<float>; ++i) x[i] = std::erf(x[i]);
  return x;
}
inline f32v log(f32v x) {
  for (int i = 0; i < lanes<float>; ++i) x[i] = std::log(x[i]);
  return x;
}
inline f64v log(f64v x) {
  for (int i = 0; i < lanes<double>; ++i) x[i] = std::log(x[i]);
  return x;
}
template <class V>
inline V sqrt(V x) {
  for (size_t i = 0; i < sizeof(V) / sizeof(x[0]); ++i) x[i] = std::sqrt(x[i]);
  return x;
}

}  // namespace tensor::cpu::KILM_ISA
