// The functions of tensor/cpu/math.h through the ops that call them, against the C library in double precision.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "tensor/ops/elementwise.h"

using namespace tensor;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Returns floats of every sign and exponent, denormals and nans too; the step is odd, so their last bits differ.
std::vector<float> all_kinds() {
  std::vector<float> x;
  for (uint64_t bits = 0; bits < (uint64_t(1) << 32); bits += 40009) {
    const uint32_t word = uint32_t(bits);
    float value;
    std::memcpy(&value, &word, sizeof value);
    x.push_back(value);
  }
  return x;
}

std::vector<float> apply(Unary op, const std::vector<float>& x) {
  return unary(op, Tensor::from({int64_t(x.size())}, x)).to_vector<float>();
}

// Returns the unit of the last place of the float next to y.
double ulp(double y) { return std::ldexp(1.0, std::max(std::ilogb(y), -126) - 23); }

// Tells whether y will do: where the right result is inf, so will the last finite float.
bool same_special(float y, float right) {
  if (std::isnan(right)) return std::isnan(y);
  return y == right || (std::isinf(right) && std::fabs(y) == std::numeric_limits<float>::max());
}

template <class F>
double largest_error_in_ulp(Unary op, F&& right) {
  const std::vector<float> x = all_kinds(), y = apply(op, x);
  double largest = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double exact = right(double(x[i]));
    CAPTURE(x[i]);
    CAPTURE(y[i]);
    if (std::isfinite(float(exact)) && std::isfinite(y[i]))
      largest = std::max(largest, std::fabs(double(y[i]) - exact) / ulp(exact));
    else
      REQUIRE(same_special(y[i], float(exact)));
  }
  return largest;
}

}  // namespace

TEST_CASE("exp, log and tanh of floats are right to their last place, denormals included") {
  CHECK(largest_error_in_ulp(Unary::exp, [](double x) { return std::exp(x); }) < 1.0);
  CHECK(largest_error_in_ulp(Unary::log, [](double x) { return std::log(x); }) < 0.9);
  CHECK(largest_error_in_ulp(Unary::tanh, [](double x) { return std::tanh(x); }) < 1.4);
}

TEST_CASE("gelu keeps its digits in the left tail, where 1 + erf has none") {
  const std::vector<float> x = all_kinds(), y = apply(Unary::gelu, x);
  for (size_t i = 0; i < x.size(); ++i) {
    const double exact = 0.5 * double(x[i]) * std::erfc(-double(x[i]) / std::sqrt(2.0));
    if (!std::isfinite(exact) || std::fabs(exact) < 1e-37) continue;
    CAPTURE(x[i]);
    CAPTURE(exact);
    CHECK(std::fabs(double(y[i]) / exact - 1) < (x[i] > -3 ? 7e-7 : 5e-6));
  }
}

TEST_CASE("the ends of the number line and nan keep their meaning") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(apply(Unary::exp, {-kInfinity, kInfinity, 0, -0.0f, -104, 89}) ==
        std::vector<float>{0, kInfinity, 1, 1, 0, kInfinity});
  CHECK(apply(Unary::log, {0, -0.0f, 1, kInfinity}) == std::vector<float>{-kInfinity, -kInfinity, 0, kInfinity});
  CHECK(apply(Unary::tanh, {-kInfinity, -20, 0, 20, kInfinity}) == std::vector<float>{-1, -1, 0, 1, 1});
  CHECK(std::signbit(apply(Unary::tanh, {-0.0f})[0]));
  CHECK(apply(Unary::gelu, {-40, 0, 40, kInfinity}) == std::vector<float>{0, 0, 40, kInfinity});
  CHECK(std::isnan(apply(Unary::log, {-1})[0]));
  for (Unary op : {Unary::exp, Unary::log, Unary::tanh, Unary::gelu, Unary::gelu_tanh, Unary::silu})
    CHECK(std::isnan(apply(op, {nan})[0]));
}
