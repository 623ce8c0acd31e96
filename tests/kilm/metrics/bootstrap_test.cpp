#include "kilm/metrics/bootstrap.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

using doctest::Approx;
using namespace kilm::metrics;

namespace {

double sum(std::span<const double> values) { return std::accumulate(values.begin(), values.end(), 0.0); }

}  // namespace

TEST_CASE("a draw has as many documents as there are, with and without some of them") {
  int64_t draws = 0, without_first = 0;
  bootstrap(50, [&](std::span<const double> times) {
    CHECK(times.size() == 50);
    CHECK(sum(times) == 50);
    ++draws;
    without_first += times[0] == 0;
    return std::vector<double>{};
  });
  CHECK(draws == 1000);
  CHECK(double(without_first) / 1000 == Approx(std::pow(1 - 1.0 / 50, 50)).epsilon(0.15));
}

TEST_CASE("the interval of a mean is that of its standard error") {
  const auto share = [](std::span<const double> times) {  // 60 of 200 documents are right
    return std::vector<double>{sum(times.first(60)) / 200};
  };
  const Interval interval = bootstrap(200, share)[0];
  const double error = std::sqrt(0.3 * 0.7 / 200);
  CHECK(interval.low == Approx(0.3 - 1.96 * error).epsilon(0.05));
  CHECK(interval.high == Approx(0.3 + 1.96 * error).epsilon(0.05));
  CHECK(bootstrap(200, share)[0].low == interval.low);
  const auto first_ones = [](std::span<const double> times) {
    double value = 0;
    for (size_t i = 0; i < times.size(); ++i) value += times[i] / double(i + 1);
    return std::vector<double>{value};
  };
  CHECK(bootstrap(200, first_ones, {.seed = 1})[0].low != bootstrap(200, first_ones, {.seed = 2})[0].low);
  CHECK(bootstrap(200, share, {.level = 0.5})[0].low > interval.low);
}

TEST_CASE("draws are numbered as numpy's quantiles, and those without a value are left out") {
  int64_t draw = 0;
  const auto numbers = [&](std::span<const double>) {
    ++draw;  // 1 to 5
    return std::vector<double>{double(draw), draw <= 3 ? std::nan("") : double(draw), std::nan("")};
  };
  const std::vector<Interval> intervals = bootstrap(1, numbers, {.draws = 5});
  CHECK(intervals[0].low == Approx(1.1));
  CHECK(intervals[0].high == Approx(4.9));
  CHECK(intervals[1].low == Approx(4.025));
  CHECK(std::isnan(intervals[2].low));
}
