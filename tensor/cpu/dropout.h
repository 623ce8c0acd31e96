// What dropout multiplies runs of neighbouring elements by: the blocks of philox.h, put in the order of the elements
// and compared, 16 bits for each.
#pragma once

#include "tensor/cpu/philox.h"

namespace tensor::cpu::KILM_KERNEL_ISA {

template <class A>
class DropoutFactors {
 public:
  static constexpr int64_t kRun = 256;  // elements per call

  DropoutFactors(float p, const RandomPosition& at)
      : at_(at.read()), threshold_(uint16_t(drop_threshold(p))), keep_(A(keep_factor(threshold_))) {}

  // Returns f with f[i] = 0 if element first + i is dropped, else the factor of what is kept, for i < n <= kRun; valid
  // until the next call.
  const A* of(uint64_t first, int64_t n) {
    const int64_t skipped = int64_t(first % (8 * kBlocks));  // the run may begin inside of a vector of blocks
    for (int64_t i = 0; i < skipped + n; i += 8 * kBlocks)
      store_in_order(halves_ + i, random_blocks(at_, (first - uint64_t(skipped) + uint64_t(i)) / 8));
    for (int64_t i = skipped; i < skipped + n; ++i) factors_[i] = halves_[i] < threshold_ ? 0 : keep_;
    return factors_ + skipped;
  }

 private:
  static constexpr int kBlocks = lanes<float>;

  // Stores the words of one block after those of another.
  static void store_in_order(uint16_t* to, const RandomWords& words) {
    const auto& w = words.word;
    const u32v even[] = {interleave<0>(w[0], w[2]), interleave<1>(w[0], w[2])};
    const u32v odd[] = {interleave<0>(w[1], w[3]), interleave<1>(w[1], w[3])};
    for (int half = 0; half < 2; ++half) {
      const u32v ordered[] = {interleave<0>(even[half], odd[half]), interleave<1>(even[half], odd[half])};
      std::memcpy(to + 4 * half * kBlocks, ordered, sizeof ordered);
    }
  }

  const RandomPosition at_;
  uint16_t threshold_;
  A keep_;
  alignas(64) uint16_t halves_[kRun + 8 * kBlocks];
  alignas(64) A factors_[kRun + 8 * kBlocks];
};

}  // namespace tensor::cpu::KILM_KERNEL_ISA
