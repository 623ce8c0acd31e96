// Runs of n words and how often each comes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kilm::metrics {

using NgramCounts = std::unordered_map<std::string, int64_t>;

// Counts runs of n words. A run is its words with a line feed behind each, which no word has.
template <class Word>
NgramCounts count_ngrams(const std::vector<Word>& words, size_t n) {
  NgramCounts counts;
  for (size_t begin = 0; begin + n <= words.size(); ++begin) {
    std::string run;
    for (size_t i = begin; i < begin + n; ++i) run.append(words[i]) += '\n';
    ++counts[std::move(run)];
  }
  return counts;
}

// Sums over runs the smaller of both counts.
inline int64_t common(const NgramCounts& one, const NgramCounts& other) {
  int64_t sum = 0;
  for (const auto& [run, count] : one)
    if (const auto found = other.find(run); found != other.end()) sum += std::min(count, found->second);
  return sum;
}

}  // namespace kilm::metrics
