#include "tensor/dtype.h"

#include <cmath>

namespace tensor {

const char* name(DType dtype) {
  switch (dtype) {
    case DType::f32: return "f32";
    case DType::f64: return "f64";
    case DType::bf16: return "bf16";
    case DType::f16: return "f16";
    case DType::i32: return "i32";
    case DType::i64: return "i64";
    case DType::u8: return "u8";
  }
  return "unknown";
}

size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::f64:
    case DType::i64: return 8;
    case DType::f32:
    case DType::i32: return 4;
    case DType::bf16:
    case DType::f16: return 2;
    case DType::u8: return 1;
  }
  return 0;
}

bool is_float(DType dtype) {
  return dtype == DType::f32 || dtype == DType::f64 || dtype == DType::bf16 || dtype == DType::f16;
}

// Scales by 2^112, which moves the exponent of a half into place and makes subnormals come out right by themselves.
f16::operator float() const {
  const uint32_t sign = uint32_t(bits & 0x8000u) << 16;
  const uint32_t rest = uint32_t(bits & 0x7fffu) << 13;
  if (rest >= 0x0f800000u) return std::bit_cast<float>(sign | 0x7f800000u | (rest & 0x007fffffu));  // inf, nan
  return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(std::bit_cast<float>(rest) * 0x1p112f));
}

f16::f16(float x) {
  const uint32_t u = std::bit_cast<uint32_t>(x);
  const uint16_t sign = uint16_t((u >> 16) & 0x8000u);
  const float magnitude = std::fabs(x);
  if (std::isnan(x))
    bits = 0x7fff;
  else if (magnitude >= 65520.0f)
    bits = sign | 0x7c00;  // rounds past the largest half, 65504
  else if (magnitude < 0x1p-14f)
    bits = sign | uint16_t(std::nearbyint(magnitude * 0x1p24f));  // subnormal
  else {
    const uint32_t m = u & 0x7fffffffu;
    const uint32_t rounded = m + 0xfffu + ((m >> 13) & 1u);
    bits = sign | uint16_t((rounded >> 13) - (112u << 10));
  }
}

}  // namespace tensor
