// A set of numbers that knows how many are below each of them, in 1.5 bits a number. It stays in memory for every page
// of a dump: 4 MB for twenty million.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace kilm::prepare {

class RankedBits {
 public:
  // Adds a number. Numbers must come in ascending order.
  void add(uint64_t number) {
    while (words_.size() <= number / 64) {
      words_.push_back(0);
      before_.push_back(size_);
    }
    words_.back() |= uint64_t(1) << number % 64;
    ++size_;
  }

  bool contains(uint64_t number) const {
    return number / 64 < words_.size() && (words_[number / 64] >> number % 64 & 1);
  }
  // Counts the numbers of the set below one that is in it.
  uint32_t rank(uint64_t number) const {
    const uint64_t below = words_[number / 64] & ((uint64_t(1) << number % 64) - 1);
    return before_[number / 64] + uint32_t(std::popcount(below));
  }
  size_t size() const { return size_; }

 private:
  std::vector<uint64_t> words_;
  std::vector<uint32_t> before_;  // numbers before each word
  uint32_t size_ = 0;
};

}  // namespace kilm::prepare
