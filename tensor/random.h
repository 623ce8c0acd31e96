// Random numbers as a pure function: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3"). A
// number is named by its counter, so nothing has to be stored but seed and step. Masks are drawn again in backward, and
// a resumed run continues the same stream. Neither threads nor ranks change what is drawn.
#pragma once

#include <array>
#include <cstdint>

#include "tensor/base/scoped.h"
#include "tensor/dtype.h"

namespace tensor {

// Streams that may never share a counter space.
enum class RandomDomain : uint32_t { dropout = 1, data = 2, init = 3, sampling = 4 };

using PhiloxKey = std::array<uint32_t, 2>;
using PhiloxCounter = std::array<uint32_t, 4>;

KILM_HD inline PhiloxCounter philox(PhiloxCounter c, PhiloxKey k) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t(0xD2511F53u) * c[0];
    const uint64_t b = uint64_t(0xCD9E8D57u) * c[2];
    c = {uint32_t(b >> 32) ^ c[1] ^ k[0], uint32_t(b), uint32_t(a >> 32) ^ c[3] ^ k[1], uint32_t(a)};
    k[0] += 0x9E3779B9u;
    k[1] += 0xBB67AE85u;
  }
  return c;
}

// Mixes 64 bits from (seed, domain) by two rounds of splitmix64.
KILM_HD inline PhiloxKey philox_key(uint64_t seed, RandomDomain domain) {
  uint64_t z = seed + 0x9E3779B97F4A7C15ull * uint64_t(domain);
  for (int i = 0; i < 2; ++i) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    z ^= z >> 31;
  }
  return {uint32_t(z), uint32_t(z >> 32)};
}

// Where a random op draws: element e uses word e % 4 of block e / 4, which is philox({block, op, micro, step}, key).
// Dropout, which needs most numbers, uses 16 bits: half e % 8 of block e / 8, of a word the lower half first.
struct RandomPosition {
  PhiloxKey key{};
  uint32_t op = 0;     // number of the random op inside the forward pass
  uint32_t micro = 0;  // number of the micro-batch inside the global batch
  uint32_t step = 0;   // optimizer step
  // Where it is set, micro and step are clock[0] and clock[1] at the time of drawing, not the numbers above. So
  // recorded work that is replayed draws new numbers. The memory is of the device that draws.
  const uint32_t* clock = nullptr;

  // Returns the position with the numbers of now.
  KILM_HD RandomPosition read() const { return clock == nullptr ? *this : RandomPosition{key, op, clock[0], clock[1]}; }
};

// Returns the key of 2^32 neighbouring blocks, as many as a word of the counter can name. The first of them have
// `at.key`; attention needs the others, since it leaves 2^16 elements to every query and head.
KILM_HD inline PhiloxKey key_of_block(const RandomPosition& at, uint64_t block) {
  return {at.key[0] ^ uint32_t(block >> 32), at.key[1]};
}

KILM_HD inline PhiloxCounter random_block(const RandomPosition& position, uint64_t block) {
  const RandomPosition at = position.read();
  return philox({uint32_t(block), at.op, at.micro, at.step}, key_of_block(at, block));
}

KILM_HD inline uint32_t random_word(const RandomPosition& at, uint64_t element) {
  return random_block(at, element / 4)[element % 4];
}

KILM_HD inline uint32_t half_of(const PhiloxCounter& block, size_t i) { return block[i / 2] >> 16 * (i % 2) & 0xffff; }

KILM_HD inline uint32_t random_half(const RandomPosition& at, uint64_t element) {
  return half_of(random_block(at, element / 8), element % 8);
}

// Returns a number uniform in [0, 1) with 24 bits.
KILM_HD inline float to_unit(uint32_t word) { return float(word >> 8) * 0x1p-24f; }

// Returns the threshold below which a half drops its number: an integer comparison, equal bits on every device. So p is
// met to 2^-17, but never becomes 1.
KILM_HD inline uint32_t drop_threshold(float p) {
  const uint32_t nearest = uint32_t(double(p) * 65536 + 0.5);
  return nearest < 65536 ? nearest : 65535;
}
// Returns what a number that is not dropped is multiplied by, so that the mean stays exactly: 1 / (1 - p).
KILM_HD inline double keep_factor(uint32_t threshold) { return 65536.0 / (65536.0 - threshold); }

// The stream of this thread's forward passes. Random ops take `next()`; a guard sets where the stream stands, so that
// activation recomputation can run a piece again with the same numbers.
class RandomStream {
 public:
  static RandomPosition next();  // the current position; the op number rises by one
  static RandomPosition current();
  static void set(const RandomPosition& at);
};

class RandomGuard {
 public:
  explicit RandomGuard(const RandomPosition& at);

 private:
  base::Scoped<RandomPosition> scope_;
};

}  // namespace tensor
