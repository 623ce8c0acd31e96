#include "kilm/prepare/external/ranked_bits.h"

#include <doctest/doctest.h>

#include <set>

TEST_CASE("ranked bits: a set of numbers, and how many are below each") {
  kilm::prepare::RankedBits bits;
  CHECK(bits.size() == 0);
  CHECK(!bits.contains(0));
  std::set<uint64_t> numbers;
  for (uint64_t i = 0; i < 100; ++i) numbers.insert(i * i / 3);  // dense at first, then words without any
  numbers.insert({63, 64, 127, 100000});
  for (const uint64_t number : numbers) bits.add(number);
  CHECK(bits.size() == numbers.size());
  uint32_t rank = 0;
  for (uint64_t i = 0; i <= 100100; ++i) {
    REQUIRE(bits.contains(i) == numbers.contains(i));
    if (numbers.contains(i)) REQUIRE(bits.rank(i) == rank++);
  }
}
