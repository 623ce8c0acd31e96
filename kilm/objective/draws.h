// Random decisions of the data pipeline and of generation. Each sequence is named by (seed, purpose, sample, epoch), so
// that a sample is the same on any thread, rank and resumed run.
#pragma once

#include <cstdint>

#include "tensor/random.h"

namespace kilm::objective {

enum class Purpose : uint32_t { mention = 1, infill = 2, order = 3, sampling = 4, insert = 5, permute = 6, stream = 7 };

class Draws {
 public:
  Draws(uint64_t seed, Purpose purpose, uint32_t sample, uint32_t epoch)
      : key_(tensor::philox_key(seed, tensor::RandomDomain::data)),
        purpose_(uint32_t(purpose)),
        sample_(sample),
        epoch_(epoch) {}

  // Returns the next of 2^34 words: four from each block of the counter.
  uint32_t word() {
    const uint64_t i = next_++;
    return tensor::philox({uint32_t(i / 4), purpose_, sample_, epoch_}, key_)[i % 4];
  }
  // Draws uniformly from [0, n); n > 0. The bias of taking the upper half of a product is below n / 2^32.
  int64_t below(int64_t n) { return int64_t((uint64_t(word()) * uint64_t(n)) >> 32); }
  double unit() { return (word() + 0.5) * 0x1p-32; }  // in (0, 1)
  int64_t poisson(double mean);                       // by inversion

 private:
  tensor::PhiloxKey key_;
  uint32_t purpose_, sample_, epoch_;
  uint64_t next_ = 0;
};

// Returns the i-th element of a random permutation of [0, n) that depends on (seed, epoch): a small Feistel cipher,
// walked until it lands inside. Needs no memory, so any place in any epoch is reached at once. 0 <= i < n <= 2^32.
uint64_t permuted(uint64_t i, uint64_t n, uint64_t seed, uint32_t epoch);

}  // namespace kilm::objective
