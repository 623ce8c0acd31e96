#include "kilm/prepare/reference/python_shuffle.h"

#include <bit>
#include <numeric>
#include <random>
#include <utility>

namespace kilm::prepare::reference {

namespace {

// Fills the state of the Mersenne Twister as its authors' init_by_array does for the key {0}, which is Python's seed 0.
struct SeedZero {
  using result_type = uint_least32_t;

  template <class Iterator>
  void generate(Iterator begin, Iterator end) const {
    const size_t n = size_t(end - begin);
    begin[0] = 19650218;
    for (size_t i = 1; i < n; ++i) begin[i] = uint32_t(1812433253u * mixed(begin[i - 1]) + i);
    size_t i = 1;
    const auto advance = [&] {
      if (++i < n) return;
      begin[0] = begin[n - 1];
      i = 1;
    };
    for (size_t k = 0; k < n; ++k, advance()) begin[i] = uint32_t(begin[i] ^ (mixed(begin[i - 1]) * 1664525u));
    for (size_t k = 1; k < n; ++k, advance()) begin[i] = uint32_t((begin[i] ^ (mixed(begin[i - 1]) * 1566083941u)) - i);
    begin[0] = 0x80000000;
  }

 private:
  static uint32_t mixed(uint_least32_t word) { return uint32_t(word ^ (word >> 30)); }
};

// Draws a number below n: takes the highest bits of one draw after another until they are below it.
uint32_t draw_below(uint32_t n, std::mt19937& random) {
  uint32_t draw;
  do {
    draw = uint32_t(random() >> (32 - std::bit_width(n)));
  } while (draw >= n);
  return draw;
}

}  // namespace

std::vector<uint32_t> shuffled_places(uint32_t n) {
  SeedZero seed;
  std::mt19937 random(seed);
  std::vector<uint32_t> order(n), places(n);
  std::iota(order.begin(), order.end(), 0);
  for (uint32_t i = n; i > 1; --i) std::swap(order[i - 1], order[draw_below(i, random)]);
  for (uint32_t i = 0; i < n; ++i) places[order[i]] = i;
  return places;
}

}  // namespace kilm::prepare::reference
