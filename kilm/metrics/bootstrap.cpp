#include "kilm/metrics/bootstrap.h"

#include <algorithm>
#include <cmath>

#include "tensor/random.h"

namespace kilm::metrics {

namespace {

// Returns how often each document is in a draw.
std::vector<double> draw_documents(int64_t documents, tensor::PhiloxKey key, uint32_t draw) {
  std::vector<double> times(size_t(documents), 0.0);
  const tensor::RandomPosition at{.key = key, .op = 0, .micro = 0, .step = draw};
  for (int64_t i = 0; i < documents; ++i)  // the upper half of the product: uniform but for documents / 2^32
    ++times[size_t((uint64_t(tensor::random_word(at, uint64_t(i))) * uint64_t(documents)) >> 32)];
  return times;
}

// Returns the number below which this share of the ascending `values` lies.
double quantile(const std::vector<double>& values, double share) {
  const double place = share * double(values.size() - 1);
  const size_t below = size_t(place), above = std::min(below + 1, values.size() - 1);
  return values[below] + (place - double(below)) * (values[above] - values[below]);
}

Interval interval_of(std::vector<double> values, double level) {
  std::erase_if(values, [](double value) { return std::isnan(value); });
  if (values.empty()) return {std::nan(""), std::nan("")};
  std::sort(values.begin(), values.end());
  return {quantile(values, (1 - level) / 2), quantile(values, (1 + level) / 2)};
}

}  // namespace

std::vector<Interval> bootstrap(int64_t documents, const WeightedMeasures& measures, const BootstrapOptions& options) {
  const tensor::PhiloxKey key = tensor::philox_key(options.seed, tensor::RandomDomain::sampling);
  std::vector<std::vector<double>> values;  // [measure][draw]
  for (int64_t draw = 0; draw < options.draws; ++draw) {
    const std::vector<double> drawn = measures(draw_documents(documents, key, uint32_t(draw)));
    values.resize(drawn.size());
    for (size_t i = 0; i < drawn.size(); ++i) values[i].push_back(drawn[i]);
  }
  std::vector<Interval> intervals;
  for (std::vector<double>& one : values) intervals.push_back(interval_of(std::move(one), options.level));
  return intervals;
}

}  // namespace kilm::metrics
