// Measures of predicted labels, as scikit-learn has them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace kilm::metrics {

// How often each label was predicted for each other. Everything below is undefined, nan, without any.
class LabelCounts {
 public:
  void add(const std::string& prediction, const std::string& reference, double times = 1) {
    pairs_[{prediction, reference}] += times;
  }

  double accuracy() const;
  // Returns the mean F1 of all labels that were predicted or true.
  double macro_f1() const;
  // Returns Matthews' correlation, for more than two labels that of Gorodkin 2004; 0 where either side has one label.
  double matthews() const;

 private:
  std::map<std::pair<std::string, std::string>, double> pairs_;  // prediction, reference
};

}  // namespace kilm::metrics
