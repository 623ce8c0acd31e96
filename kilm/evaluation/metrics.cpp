#include "kilm/evaluation/metrics.h"

#include <algorithm>
#include <string>
#include <vector>

namespace kilm::evaluation {

namespace {

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> result;
  bool inside = false;
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
    const bool counts = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (counts && !inside) result.emplace_back();
    if (counts) result.back() += c;
    inside = counts;
  }
  return result;
}

// Uses dynamic programming over one row: lengths[j] is of the a so far and the first j of b.
size_t longest_common_subsequence(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<size_t> lengths(b.size() + 1, 0);
  for (const std::string& word : a) {
    size_t diagonal = 0;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = lengths[j];
      lengths[j] = word == b[j - 1] ? diagonal + 1 : std::max(above, lengths[j - 1]);
      diagonal = above;
    }
  }
  return lengths.back();
}

}  // namespace

double rouge_l(std::string_view prediction, std::string_view reference) {
  const std::vector<std::string> predicted = words(prediction), wanted = words(reference);
  const double common = double(longest_common_subsequence(predicted, wanted));
  // 2 p r / (p + r) with p = common / |predicted| and r = common / |wanted|
  return common == 0 ? 0 : 2 * common / double(predicted.size() + wanted.size());
}

}  // namespace kilm::evaluation
