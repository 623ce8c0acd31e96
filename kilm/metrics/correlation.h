// Correlations of predicted numbers with true ones, as scipy has them: nan where there are fewer than two, or where
// either side is constant.
#pragma once

#include <cstdint>
#include <vector>

namespace kilm::metrics {

// Pearson's correlation, in one pass that keeps no number (Welford 1962).
class Pearson {
 public:
  void add(double prediction, double reference, double times = 1);
  double value() const;

 private:
  // Wide numbers, so that squares of large ones do not overflow.
  long double count_ = 0, mean_x_ = 0, mean_y_ = 0, xx_ = 0, yy_ = 0, xy_ = 0;
};

// Returns for each number its place in ascending order, from 1; equal numbers share the mean of theirs.
std::vector<double> ranks(const std::vector<double>& numbers);

// Spearman's correlation: Pearson's of ranks, for which all numbers are kept.
class Spearman {
 public:
  void add(double prediction, double reference) {
    predictions_.push_back(prediction);
    references_.push_back(reference);
  }
  double value() const;

 private:
  std::vector<double> predictions_, references_;
};

}  // namespace kilm::metrics
