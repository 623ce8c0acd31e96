#include "tensor/base/suggestion.h"

#include <algorithm>

#include "tensor/base/format.h"

namespace base {

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates) {
  size_t best = std::min<size_t>(3, word.size());
  std::string_view found;
  for (const std::string& candidate : candidates) {
    std::vector<size_t> row(candidate.size() + 1);
    for (size_t j = 0; j < row.size(); ++j) row[j] = j;
    for (size_t i = 0; i < word.size(); ++i) {
      size_t diagonal = row[0]++;
      for (size_t j = 1; j < row.size(); ++j) {
        const size_t replaced = diagonal + (word[i] != candidate[j - 1]);
        diagonal = row[j];
        row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
      }
    }
    if (row.back() < best) {
      best = row.back();
      found = candidate;
    }
  }
  return found.empty() ? "" : base::format(" (did you mean {}?)", found);
}

}  // namespace base
