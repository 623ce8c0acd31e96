// How sure a measure is: the percentile bootstrap (Efron 1979) over documents, whose mentions or questions belong
// together and are not independent.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace kilm::metrics {

struct Interval {
  double low, high;
};

struct BootstrapOptions {
  int64_t draws = 1000;
  uint64_t seed = 0;
  double level = 0.95;
};

// Measures computed from documents of which each counts a number of times: `times` has one number per document, and
// each measure is one of the result, nan where it is undefined.
using WeightedMeasures = std::function<std::vector<double>(std::span<const double> times)>;

// Draws as many documents as there are, with replacement, and measures; returns for each measure the interval that
// leaves out the same share of draws on both sides, with numpy's linear interpolation. Draws where it is nan are left
// out; without any other it is nan. Which documents a draw has depends on seed, draw and their number alone:
// differences of two systems on the same documents are paired if one call measures them, and equal if two do.
// documents: at least 1.
std::vector<Interval> bootstrap(int64_t documents, const WeightedMeasures& measures,
                                const BootstrapOptions& options = {});

}  // namespace kilm::metrics
