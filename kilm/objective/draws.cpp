#include "kilm/objective/draws.h"

#include <bit>
#include <cmath>

namespace kilm::objective {

int64_t Draws::poisson(double mean) {
  const double u = unit();
  double term = std::exp(-mean), sum = term;
  int64_t k = 0;
  while (u > sum && k < 1000) {
    ++k;
    term *= mean / double(k);
    sum += term;
  }
  return k;
}

uint64_t permuted(uint64_t i, uint64_t n, uint64_t seed, uint32_t epoch) {
  const int half = (std::bit_width(n > 1 ? n - 1 : 1) + 1) / 2;
  const uint64_t mask = (uint64_t(1) << half) - 1;
  const tensor::PhiloxKey key = tensor::philox_key(seed, tensor::RandomDomain::data);
  do {
    uint64_t left = i >> half, right = i & mask;
    for (uint32_t round = 0; round < 6; ++round) {
      const uint32_t f = tensor::philox({uint32_t(right), uint32_t(Purpose::order), round, epoch}, key)[0];
      const uint64_t next = left ^ (f & mask);
      left = right;
      right = next;
    }
    i = (left << half) | right;
  } while (i >= n);
  return i;
}

}  // namespace kilm::objective
