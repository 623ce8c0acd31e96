#include "kilm/prepare/reference/python_shuffle.h"

#include <doctest/doctest.h>

using kilm::prepare::reference::shuffled_places;

namespace {

// Returns the list 0, 1, … n-1 after Python's random.seed(0); random.shuffle(list).
std::vector<uint32_t> shuffled(uint32_t n) {
  const std::vector<uint32_t> places = shuffled_places(n);
  std::vector<uint32_t> list(n);
  for (uint32_t i = 0; i < n; ++i) list.at(places[i]) = i;
  return list;
}

}  // namespace

// Numbers of Python 3.
TEST_CASE("python shuffle: the order is that of random.seed(0) and random.shuffle") {
  CHECK(shuffled(0).empty());
  CHECK(shuffled(1) == std::vector<uint32_t>{0});
  CHECK(shuffled(2) == std::vector<uint32_t>{0, 1});
  CHECK(shuffled(10) == std::vector<uint32_t>{7, 8, 1, 5, 3, 4, 2, 0, 9, 6});
  const std::vector<uint32_t> list = shuffled(100'000);
  CHECK(std::vector(list.begin(), list.begin() + 5) == std::vector<uint32_t>{74921, 6849, 99252, 14859, 14403});
  uint64_t sum = 0;
  for (uint64_t i = 0; i < list.size(); ++i) sum += i * list[i];
  CHECK(sum == 249610304483173);
}
