// Functions of vectors. Those of floats are branch-free approximations, minimax polynomials after a reduction of the
// argument. The errors stated are in units of the last place (ulp) of the result. They are the largest seen against the
// C library's doubles over every seventh float there is. Doubles are the reference type: the C library, lane by lane.
#pragma once

#include <cmath>
#include <limits>

#include "tensor/cpu/vec.h"

namespace tensor::cpu::KILM_KERNEL_ISA {

// Returns coefficients[0] + coefficients[1] x + ... by Horner's rule.
template <size_t N>
inline f32v polynomial(f32v x, const float (&coefficients)[N]) {
  f32v y = f32v{} + coefficients[N - 1];
  for (size_t i = N - 1; i-- > 0;) y = y * x + coefficients[i];
  return y;
}

inline f32v abs(f32v x) { return f32v(i32v(x) & 0x7fffffff); }
inline f32v copy_sign(f32v magnitude, f32v sign) {
  return f32v(i32v(magnitude) | (i32v(sign) & std::numeric_limits<int32_t>::min()));
}

// Computes exp(x) = 2^n exp(r), |r| <= ln(2) / 2; 0.99 ulp. Beyond 104 in either direction it is 0 or inf anyway; a nan
// passes the clamp.
inline f32v exp(f32v x) {
  const f32v low = f32v{} - 104.0f, high = f32v{} + 104.0f;
  const f32v above = low > x ? low : x, clamped = high < above ? high : above;
  const f32v shifted = clamped * 1.44269504088896341f + 12582912.0f;  // adds 1.5 * 2^23: rounds to an integer
  const f32v n = shifted - 12582912.0f;
  const f32v r = clamped - n * 0.693359375f + n * 2.12194440e-4f;  // ln(2) in two parts, the first exact in products
  constexpr float kSecond[] = {0.5000000068f,   0.1666666587f,   0.04166629509f,
                               0.008333497017f, 0.001394464888f, 0.0001979034783f};
  const f32v e = polynomial(r, kSecond) * (r * r) + r + 1.0f;
  // 2^n in two factors: n from -150 to 150 is beyond what one can hold
  const i32v exponent = i32v(shifted) - 0x4b400000;
  const i32v half = exponent >> 1;
  return e * f32v((half + 127) << 23) * f32v((exponent - half + 127) << 23);
}

// Computes log(x) = e ln(2) + log(1 + f) with x = (1 + f) 2^e and 1 + f from sqrt(1/2) to sqrt(2); 0.85 ulp.
inline f32v log(f32v x) {
  constexpr int32_t kSqrtHalf = 0x3f3504f3;  // its bits
  const i32v denormal = x < std::numeric_limits<float>::min();
  const i32v bits = i32v(u32v(denormal ? x * 0x1p23f : x) - uint32_t(kSqrtHalf));  // wraps for what is no number
  const f32v e = __builtin_convertvector((bits >> 23) - (denormal & 23), f32v);
  const f32v f = f32v((bits & 0x7fffff) + kSqrtHalf) - 1.0f;
  constexpr float kThird[] = {0.3333331261f, -0.250000096f, 0.2000211863f, -0.1666799578f, 0.1421955254f,
                              -0.124055896f, 0.1188816289f, -0.116756507f, 0.06746637556f};
  const f32v rest = e * -2.12194440e-4f + (polynomial(f, kThird) * f - 0.5f) * (f * f);
  const f32v y = e * 0.693359375f + (f + rest);
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const f32v beyond = x == 0 ? f32v{} - kInfinity : x < 0 ? f32v{} + std::numeric_limits<float>::quiet_NaN() : x;
  return ((x > 0) & (x < kInfinity)) ? y : beyond;
}

// Takes an odd polynomial near 0, where 1 - 2 / (exp(2 x) + 1) would cancel; 1.33 ulp.
inline f32v tanh(f32v x) {
  const f32v a = abs(x), s = x * x;
  constexpr float kThird[] = {-0.3333328195f, 0.1333144226f, -0.05373971928f, 0.02063909877f, -0.005704997998f};
  const f32v small = a + a * s * polynomial(s, kThird);
  const f32v large = 1.0f - 2.0f / (exp(2.0f * a) + 1.0f);
  return copy_sign(a < 0.625f ? small : large, x);
}

// The standard normal distribution.
template <class V>
struct Normal {
  V cumulative, density;
};

// Computes the standard normal distribution and its density. The tail beyond a = |x| is exp(-a^2 / 2) R(a), and (a + 3)
// R(a) is smooth in (a - 3) / (a + 3). Nothing cancels, so the left tail keeps its digits where 1 + erf loses all. The
// relative error is below 6e-7 for x > -3. It is below 4e-6 at -13, where the tail leaves the range of floats.
inline Normal<f32v> normal(f32v x) {
  const f32v a = abs(x), e = exp(-0.5f * a * a), q = 1.0f / (a + 3.0f);
  constexpr float kRatio[] = {0.7290836692f, -0.509332285f,   0.2300193494f,     -0.04725610112f, -0.01047993559f,
                              0.006923923f,  0.001076037478f, -0.0009032531897f, -0.000266766948f};
  const f32v tail = e * q * polynomial(1.0f - 6.0f * q, kRatio);
  return {x < 0 ? tail : 1.0f - tail, e * 0.3989422804f};
}

inline f32v sqrt(f32v x) {
  for (int i = 0; i < lanes<float>; ++i) x[i] = std::sqrt(x[i]);
  return x;
}

inline f64v exp(f64v x) {
  for (int i = 0; i < lanes<double>; ++i) x[i] = std::exp(x[i]);
  return x;
}
inline f64v log(f64v x) {
  for (int i = 0; i < lanes<double>; ++i) x[i] = std::log(x[i]);
  return x;
}
inline f64v tanh(f64v x) {
  for (int i = 0; i < lanes<double>; ++i) x[i] = std::tanh(x[i]);
  return x;
}
inline f64v sqrt(f64v x) {
  for (int i = 0; i < lanes<double>; ++i) x[i] = std::sqrt(x[i]);
  return x;
}
inline Normal<f64v> normal(f64v x) {
  Normal<f64v> result;
  for (int i = 0; i < lanes<double>; ++i) {
    result.cumulative[i] = 0.5 * std::erfc(-0.7071067811865476 * x[i]);
    result.density[i] = 0.3989422804014327 * std::exp(-0.5 * x[i] * x[i]);
  }
  return result;
}

}  // namespace tensor::cpu::KILM_KERNEL_ISA
