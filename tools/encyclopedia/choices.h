// Choices that look free and are always the same: numbers named by (stream, place in it).
#pragma once

#include <cstdint>
#include <string_view>

namespace tools::encyclopedia {

class Choices {
 public:
  // Begins a stream for each name, so that what one article draws does not change another.
  explicit Choices(std::string_view stream) {
    for (const char c : stream) state_ = mix(state_ ^ uint8_t(c));
  }

  // Draws uniformly from [0, n); n > 0.
  int below(int n) { return int(mix(state_ + ++count_) % uint64_t(n)); }
  bool chance(int percent) { return below(100) < percent; }

 private:
  static uint64_t mix(uint64_t z) {  // splitmix64
    z += 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }

  uint64_t state_ = 20230709, count_ = 0;
};

}  // namespace tools::encyclopedia
