#include "tensor/dtype.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>

using namespace tensor;

TEST_CASE("bf16 rounds to the nearest, ties to even, and keeps nan a nan") {
  // A bf16 is the upper half of an f32, so what is below decides: 0x8000 is the tie.
  const auto rounded = [](uint32_t bits) { return bf16(std::bit_cast<float>(bits)).bits; };
  CHECK(rounded(0x3f800000) == 0x3f80);  // 1
  CHECK(rounded(0x3f807fff) == 0x3f80);
  CHECK(rounded(0x3f808000) == 0x3f80);  // tie, even below
  CHECK(rounded(0x3f808001) == 0x3f81);
  CHECK(rounded(0x3f818000) == 0x3f82);  // tie, even above
  CHECK(rounded(0xbf818000) == 0xbf82);
  CHECK(rounded(0x7f7fffff) == 0x7f80);  // the largest f32 rounds to infinity
  CHECK(rounded(0x7f800000) == 0x7f80);
  CHECK(rounded(0xff800000) == 0xff80);
  CHECK(rounded(0x7f800001) == 0x7fff);  // a nan whose upper half alone would read as infinity
  CHECK(rounded(0xffc00000) == 0x7fff);
  CHECK(std::isnan(float(bf16(std::nanf("")))));
  CHECK(rounded(0x00000001) == 0x0000);  // subnormal
  CHECK(std::signbit(float(bf16(-0.0f))));
}

TEST_CASE("every bf16 comes back from f32 as it was") {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    bf16 x;
    x.bits = uint16_t(bits);
    const bool nan = (bits & 0x7fff) > 0x7f80;
    REQUIRE(bf16(float(x)).bits == (nan ? 0x7fff : bits));
  }
}

TEST_CASE("every f16 comes back from f32 as it was, subnormals too") {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    f16 x;
    x.bits = uint16_t(bits);
    const bool nan = (bits & 0x7fff) > 0x7c00;
    REQUIRE(f16(float(x)).bits == (nan ? 0x7fff : bits));
  }
  f16 smallest;
  smallest.bits = 1;
  CHECK(float(smallest) == 0x1p-24f);
  CHECK(f16(65504.0f).bits == 0x7bff);
  CHECK(f16(65519.0f).bits == 0x7bff);
  CHECK(f16(65520.0f).bits == 0x7c00);
  CHECK(f16(1 + 0x1p-11f).bits == 0x3c00);  // tie, even below
  CHECK(f16(1 + 0x3p-11f).bits == 0x3c02);  // tie, even above
  CHECK(f16(-HUGE_VALF).bits == 0xfc00);
}

TEST_CASE("sizes, names and accumulators of the types") {
  CHECK(size_of(DType::bf16) == 2);
  CHECK(size_of(DType::i64) == 8);
  CHECK(std::string(name(DType::bf16)) == "bf16");
  CHECK(is_float(DType::f16));
  CHECK_FALSE(is_float(DType::u8));
  CHECK(acc_dtype(DType::bf16) == DType::f32);
  CHECK(acc_dtype(DType::f64) == DType::f64);
  const auto bytes = [](DType dtype) {
    size_t result = 0;
    dispatch_float("layer_norm", dtype, [&]<class T>() { result = sizeof(T) + sizeof(acc_t<T>); });
    return result;
  };
  CHECK(bytes(DType::f32) == 8);
  CHECK(bytes(DType::f64) == 16);
  CHECK(bytes(DType::bf16) == 6);
  CHECK_THROWS_WITH_AS(bytes(DType::i32), "layer_norm: i32 is not a compute type; it should be f32, f64 or bf16",
                       base::Error);
  for (const DType dtype : {DType::f32, DType::f64, DType::bf16, DType::f16, DType::i32, DType::i64, DType::u8})
    dispatch_all(dtype, [&]<class T>() { CHECK((dtype_of<T>() == dtype && sizeof(T) == size_of(dtype))); });
}
