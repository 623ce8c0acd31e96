#include "kilm/metrics/labels.h"

#include <cmath>

namespace kilm::metrics {

namespace {

// Of one label.
struct Count {
  double predicted = 0, wanted = 0, right = 0;
};

using Pairs = std::map<std::pair<std::string, std::string>, double>;

std::map<std::string, Count> by_label(const Pairs& pairs) {
  std::map<std::string, Count> labels;
  for (const auto& [pair, times] : pairs) {
    if (times == 0) continue;
    labels[pair.first].predicted += times;
    labels[pair.second].wanted += times;
    if (pair.first == pair.second) labels[pair.first].right += times;
  }
  return labels;
}

}  // namespace

double LabelCounts::accuracy() const {
  double all = 0, right = 0;
  for (const auto& [label, count] : by_label(pairs_)) {
    all += count.wanted;
    right += count.right;
  }
  return right / all;
}

double LabelCounts::macro_f1() const {
  double sum = 0;
  const auto labels = by_label(pairs_);
  for (const auto& [label, count] : labels) sum += 2 * count.right / (count.predicted + count.wanted);
  return sum / double(labels.size());
}

double LabelCounts::matthews() const {
  double all = 0, right = 0, both = 0, predicted = 0, wanted = 0;  // the last three: sums of products
  for (const auto& [label, count] : by_label(pairs_)) {
    all += count.wanted;
    right += count.right;
    both += count.predicted * count.wanted;
    predicted += count.predicted * count.predicted;
    wanted += count.wanted * count.wanted;
  }
  if (all == 0) return std::nan("");
  const double spread = (all * all - predicted) * (all * all - wanted);
  return spread == 0 ? 0 : (right * all - both) / std::sqrt(spread);
}

}  // namespace kilm::metrics
