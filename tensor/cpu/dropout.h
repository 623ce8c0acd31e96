// What dropout multiplies runs of neighbouring elements by: the blocks of philox.h, compared and put in the order of
// the elements.
#pragma once

#include "tensor/cpu/philox.h"

namespace tensor::cpu::KILM_ISA {

template <class A>
class DropoutFactors {
 public:
  static constexpr int64_t kRun = 256;  // elements per call

  DropoutFactors(float p, const RandomPosition& at) : at_(at), threshold_(drop_threshold(p)), keep_(1 / (1 - A(p))) {}

  // Returns f with f[i] = 0 if element first + i is dropped, else 1 / (1 - p), for i < n <= kRun; valid until the next
  // call.
  const A* of(uint64_t first, int64_t n) {
    const int64_t skipped = int64_t(first % 4);  // the run may begin inside a block
    u32v block = u32v{} + uint32_t(first / 4);
    for (int i = 0; i < kBlocks; ++i) block[i] += uint32_t(i);
    for (int64_t begin = 0; begin < skipped + n; begin += 4 * kBlocks, block += uint32_t(kBlocks)) {
      const RandomWords words = random_blocks(at_, block);
      uint32_t part[4][kBlocks];
      std::memcpy(part, words.word, sizeof part);
      for (int i = 0; i < kBlocks; ++i)
        for (int w = 0; w < 4; ++w) factors_[begin + 4 * i + w] = part[w][i] < threshold_ ? 0 : keep_;
    }
    return factors_ + skipped;
  }

 private:
  static constexpr int kBlocks = lanes<float>;

  const RandomPosition& at_;
  uint32_t threshold_;
  A keep_;
  alignas(64) A factors_[kRun + 4 * kBlocks];
};

}  // namespace tensor::cpu::KILM_ISA
