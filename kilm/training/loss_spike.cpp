#include "kilm/training/loss_spike.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace kilm::training {

namespace {

constexpr size_t kLosses = 100;
constexpr double kDeviations = 6;

double median(std::vector<double> values) {
  const auto middle = values.begin() + ptrdiff_t(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

std::optional<Spike> LossSpikes::add(double loss) {
  std::optional<Spike> spike;
  if (last_.size() == kLosses) {
    std::vector<double> distances(last_.begin(), last_.end());
    const double centre = median(distances);
    for (double& value : distances) value = std::abs(value - centre);
    const double deviation = median(std::move(distances));
    if (loss > centre + kDeviations * deviation) spike = {centre, deviation};
    last_.pop_front();
  }
  last_.push_back(loss);
  return spike;
}

}  // namespace kilm::training
