// The dice of the schedulers.
#pragma once

#include <cstdint>

namespace cuda_emulation {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  // Returns a number in [0, n), n > 0, by splitmix64.
  uint32_t below(uint32_t n) {
    uint64_t z = state_ += 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return uint32_t((z >> 32) * n >> 32);
  }

 private:
  uint64_t state_;
};

}  // namespace cuda_emulation
