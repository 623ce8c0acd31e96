// A loss that leaps out of the noise around it: often the first sign of a bad learning rate or of bad data.
#pragma once

#include <deque>
#include <optional>

namespace kilm::training {

struct Spike {
  double median = 0, deviation = 0;  // of the losses before; deviation: the median distance from the median
};

class LossSpikes {
 public:
  // Takes the losses one after another. A spike is more than 6 deviations above the median of the 100 before it; there
  // is none while there are fewer.
  std::optional<Spike> add(double loss);

 private:
  std::deque<double> last_;
};

}  // namespace kilm::training
