#include "kilm/metrics/correlation.h"

#include <doctest/doctest.h>

#include <cmath>

using doctest::Approx;
using namespace kilm::metrics;

namespace {

template <class Correlation>
double of(const std::vector<std::pair<double, double>>& pairs) {
  Correlation correlation;
  for (const auto& [x, y] : pairs) correlation.add(x, y);
  return correlation.value();
}

}  // namespace

TEST_CASE("Pearson's correlation is that of deviations from the means") {
  CHECK(of<Pearson>({{1, 2}, {2, 4}, {3, 6}}) == Approx(1));
  CHECK(of<Pearson>({{1, 1}, {2, 3}, {3, 2}}) == Approx(0.5));
  CHECK(of<Pearson>({{1e9 + 1, 1}, {1e9 + 2, 3}, {1e9 + 3, 2}}) == Approx(0.5));
  CHECK(of<Pearson>({{1e200, -1}, {2e200, -3}, {3e200, -2}}) == Approx(-0.5));
  Pearson twice, times;
  for (const auto& [x, y] : {std::pair(1.0, 1.0), std::pair(2.0, 3.0), std::pair(2.0, 3.0), std::pair(3.0, 2.0)})
    twice.add(x, y);
  times.add(1, 1);
  times.add(2, 3, 2);
  times.add(5, 5, 0);
  times.add(3, 2);
  CHECK(times.value() == Approx(twice.value()));
}

TEST_CASE("Spearman's is that of ranks, which equal numbers share") {
  CHECK(ranks({3, 1, 3, 2}) == std::vector<double>{3.5, 1, 3.5, 2});
  CHECK(of<Spearman>({{1, 1}, {2, 8}, {3, 27}}) == Approx(1));
  CHECK(of<Spearman>({{1, 1}, {2, 100}, {3, 2}}) == Approx(0.5));
}

TEST_CASE("a constant side and a single pair have no correlation") {
  CHECK(std::isnan(of<Pearson>({{0.1, 2}, {0.1, 3}, {0.1, 4}})));
  CHECK(std::isnan(of<Spearman>({{1, 2}})));
  CHECK(std::isnan(of<Pearson>({})));
}
