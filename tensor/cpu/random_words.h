// Random words for runs of elements on the CPU: Philox over many counters at once, written as loops over arrays that
// the compiler turns into vector code. Everything is in the namespace of the including file's instruction set.
#pragma once

#include "tensor/random.h"

namespace tensor::cpu::KILM_ISA {

inline constexpr int64_t kRandomRun = 256;  // elements per call of RandomRun::fill

class RandomRun {
 public:
  // Returns w with w[i] = random_word(at, first + i) for i < n <= kRandomRun. w is valid until the next call.
  const uint32_t* fill(const RandomPosition& at, uint64_t first, int64_t n) {
    const uint64_t skipped = first % 4;  // the run may begin inside a counter's four words
    const uint32_t block = uint32_t(first / 4);
    const int64_t blocks = (int64_t(skipped) + n + 3) / 4;
    for (int64_t b = 0; b < blocks; b += kLanes) philox_lanes(words_ + 4 * b, at, block + uint32_t(b));
    return words_ + skipped;
  }

 private:
  static constexpr int kLanes = 16;

  static void philox_lanes(uint32_t* words, const RandomPosition& at, uint32_t block) {
    uint32_t c0[kLanes], c1[kLanes], c2[kLanes], c3[kLanes];
    for (int l = 0; l < kLanes; ++l) {
      c0[l] = block + uint32_t(l);
      c1[l] = at.op;
      c2[l] = at.micro;
      c3[l] = at.step;
    }
    PhiloxKey k = at.key;
    for (int round = 0; round < 10; ++round) {
      for (int l = 0; l < kLanes; ++l) {
        const uint64_t a = uint64_t(0xD2511F53u) * c0[l];
        const uint64_t b = uint64_t(0xCD9E8D57u) * c2[l];
        c0[l] = uint32_t(b >> 32) ^ c1[l] ^ k[0];
        c1[l] = uint32_t(b);
        c2[l] = uint32_t(a >> 32) ^ c3[l] ^ k[1];
        c3[l] = uint32_t(a);
      }
      k[0] += 0x9E3779B9u;
      k[1] += 0xBB67AE85u;
    }
    for (int l = 0; l < kLanes; ++l) {
      words[4 * l] = c0[l];
      words[4 * l + 1] = c1[l];
      words[4 * l + 2] = c2[l];
      words[4 * l + 3] = c3[l];
    }
  }

  alignas(64) uint32_t words_[kRandomRun + 4 * kLanes];
};

}  // namespace tensor::cpu::KILM_ISA
