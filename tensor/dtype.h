// Element types. f32 and bf16 compute everywhere, f64 on the CPU for gradient checks and references. f16 is only read
// and cast. i32 holds ids and offsets, i64 sizes, u8 masks. bf16 is a storage type: kernels convert at load and store
// and sum in f32.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

#include "tensor/base/error.h"

#ifdef __CUDACC__
#define KILM_HD __host__ __device__
#else
#define KILM_HD
#endif

namespace tensor {

enum class DType : uint8_t { f32, f64, bf16, f16, i32, i64, u8 };

// 1 sign, 8 exponent and 7 mantissa bits: the upper half of an f32, rounded to nearest even. NaN becomes 0x7fff.
struct bf16 {
  uint16_t bits = 0;

  bf16() = default;
  KILM_HD explicit bf16(float x) : bits(round(std::bit_cast<uint32_t>(x))) {}
  KILM_HD explicit operator float() const { return std::bit_cast<float>(uint32_t(bits) << 16); }

  KILM_HD static uint16_t round(uint32_t x) {
    if ((x & 0x7fffffffu) > 0x7f800000u) return 0x7fff;
    return uint16_t((x + 0x7fffu + ((x >> 16) & 1u)) >> 16);
  }
};

// IEEE half precision, for reading foreign files; no arithmetic.
struct f16 {
  uint16_t bits = 0;

  f16() = default;
  explicit f16(float x);
  explicit operator float() const;
};

const char* name(DType dtype);
size_t size_of(DType dtype);  // bytes of one element
bool is_float(DType dtype);   // f32, f64, bf16, f16

template <class T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, float>)
    return DType::f32;
  else if constexpr (std::is_same_v<T, double>)
    return DType::f64;
  else if constexpr (std::is_same_v<T, bf16>)
    return DType::bf16;
  else if constexpr (std::is_same_v<T, f16>)
    return DType::f16;
  else if constexpr (std::is_same_v<T, int32_t>)
    return DType::i32;
  else if constexpr (std::is_same_v<T, int64_t>)
    return DType::i64;
  else
    return DType::u8;
}

// The type in which sums over T are held.
template <class T>
struct Accumulator {
  using type = float;
};
template <>
struct Accumulator<double> {
  using type = double;
};
template <class T>
using acc_t = typename Accumulator<T>::type;

// Returns the dtype in which statistics, losses and weight gradients of `dtype` are stored.
inline DType acc_dtype(DType dtype) { return dtype == DType::f64 ? DType::f64 : DType::f32; }

// Calls f.template operator()<T>() for the compute types of the CPU.
template <class F>
void dispatch_float(const char* op, DType dtype, F&& f) {
  switch (dtype) {
    case DType::f32: return f.template operator()<float>();
    case DType::f64: return f.template operator()<double>();
    case DType::bf16: return f.template operator()<bf16>();
    default: base::fail(std::string(op) + ": " + name(dtype) + " is not a compute type; it should be f32, f64 or bf16");
  }
}

// Calls f.template operator()<T>() for every type.
template <class F>
void dispatch_all(DType dtype, F&& f) {
  switch (dtype) {
    case DType::f32: return f.template operator()<float>();
    case DType::f64: return f.template operator()<double>();
    case DType::bf16: return f.template operator()<bf16>();
    case DType::f16: return f.template operator()<f16>();
    case DType::i32: return f.template operator()<int32_t>();
    case DType::i64: return f.template operator()<int64_t>();
    case DType::u8: return f.template operator()<uint8_t>();
  }
}

}  // namespace tensor
