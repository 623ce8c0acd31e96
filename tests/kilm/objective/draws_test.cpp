#include "kilm/objective/draws.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

using kilm::objective::Draws;
using kilm::objective::permuted;
using kilm::objective::Purpose;

TEST_CASE("a sequence is named by seed, purpose, sample and epoch") {
  const auto words = [](Draws draws) { return std::vector<uint32_t>{draws.word(), draws.word(), draws.word()}; };
  const Draws one(7, Purpose::infill, 3, 1);
  CHECK(words(one) == words(Draws(7, Purpose::infill, 3, 1)));
  for (const Draws& other : {Draws(8, Purpose::infill, 3, 1), Draws(7, Purpose::mention, 3, 1),
                             Draws(7, Purpose::infill, 4, 1), Draws(7, Purpose::infill, 3, 2)})
    CHECK(words(one) != words(other));
}

TEST_CASE("word i is word i % 4 of the block that purpose, sample, epoch and i / 4 name") {
  Draws draws(7, Purpose::infill, 3, 1);
  const tensor::PhiloxKey key = tensor::philox_key(7, tensor::RandomDomain::data);
  for (uint32_t i = 0; i < 9; ++i)
    CHECK(draws.word() == tensor::philox({i / 4, uint32_t(Purpose::infill), 3, 1}, key)[i % 4]);
}

TEST_CASE("numbers below n are uniform, those of Poisson have its mean and variance") {
  Draws draws(1, Purpose::mention, 0, 0);
  constexpr int kCount = 60000;
  int64_t hits[6] = {};
  for (int i = 0; i < kCount; ++i) ++hits[draws.below(6)];
  for (const int64_t n : hits) CHECK(double(n) == doctest::Approx(kCount / 6).epsilon(0.04));
  double sum = 0, square = 0;
  for (int i = 0; i < kCount; ++i) {
    const double x = double(draws.poisson(3));
    sum += x;
    square += x * x;
  }
  const double mean = sum / kCount;
  CHECK(mean == doctest::Approx(3).epsilon(0.02));
  CHECK(square / kCount - mean * mean == doctest::Approx(3).epsilon(0.04));
}

TEST_CASE("an epoch's order is a permutation, and every epoch and seed has its own") {
  for (const uint64_t n : {1, 2, 3, 4, 5, 16, 17, 100, 1000}) {
    const auto order = [&](uint64_t seed, uint32_t epoch) {
      std::vector<uint64_t> result(n);
      for (uint64_t i = 0; i < n; ++i) result[i] = permuted(i, n, seed, epoch);
      return result;
    };
    std::vector<uint64_t> sorted = order(1, 0), all(n);
    std::iota(all.begin(), all.end(), 0);
    if (n >= 16) {
      CHECK(sorted != all);
      CHECK(sorted != order(1, 1));
      CHECK(sorted != order(2, 0));
    }
    std::sort(sorted.begin(), sorted.end());
    CHECK(sorted == all);
  }
  CHECK(permuted(0xFFFFFFFE, uint64_t(1) << 32, 1, 0) < uint64_t(1) << 32);
}

// Of a good shuffle: an element comes to any place equally often.
TEST_CASE("orders of many epochs are balanced") {
  constexpr uint64_t n = 8;
  int64_t places[n][n] = {};
  constexpr int kEpochs = 8000;
  for (uint32_t epoch = 0; epoch < kEpochs; ++epoch)
    for (uint64_t i = 0; i < n; ++i) ++places[i][permuted(i, n, 5, epoch)];
  for (const auto& row : places)
    for (const int64_t count : row) CHECK(double(count) == doctest::Approx(kEpochs / double(n)).epsilon(0.15));
}
