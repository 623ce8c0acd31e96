#include "kilm/metrics/correlation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace kilm::metrics {

void Pearson::add(double prediction, double reference, double times) {
  if (times == 0) return;
  count_ += times;
  const long double dx = prediction - mean_x_, dy = reference - mean_y_;
  mean_x_ += dx * (times / count_);
  mean_y_ += dy * (times / count_);
  xx_ += times * dx * (prediction - mean_x_);
  yy_ += times * dy * (reference - mean_y_);
  xy_ += times * dx * (reference - mean_y_);
}

double Pearson::value() const {
  if (!(xx_ > 0) || !(yy_ > 0)) return std::nan("");
  return std::clamp(double(xy_ / (std::sqrt(xx_) * std::sqrt(yy_))), -1.0, 1.0);
}

std::vector<double> ranks(const std::vector<double>& numbers) {
  std::vector<size_t> order(numbers.size());
  std::iota(order.begin(), order.end(), size_t(0));
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return numbers[a] < numbers[b]; });
  std::vector<double> result(numbers.size());
  for (size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    end = begin + 1;
    while (end < order.size() && numbers[order[end]] == numbers[order[begin]]) ++end;
    for (size_t i = begin; i < end; ++i) result[order[i]] = double(begin + end + 1) / 2;
  }
  return result;
}

double Spearman::value() const {
  const std::vector<double> x = ranks(predictions_), y = ranks(references_);
  Pearson pearson;
  for (size_t i = 0; i < x.size(); ++i) pearson.add(x[i], y[i]);
  return pearson.value();
}

}  // namespace kilm::metrics
