// The random blocks of tensor/random.h for a vector of counters. The even and the odd lanes of a counter word live in
// two vectors of 64-bit lanes. The multiplication that Philox needs reads the lower half of such a lane only, so what
// is left in the upper half never matters.
#pragma once

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include "tensor/cpu/vec.h"
#include "tensor/random.h"

namespace tensor::cpu::KILM_KERNEL_ISA {

using u64v = uint64_t __attribute__((vector_size(KILM_VECTOR_BYTES)));

// Returns the products of the lower halves of all 64-bit lanes.
inline u64v multiply_low(u64v a, uint32_t m) {
  const u64v b = u64v{} + m;
#if defined(__AVX512F__)
  return u64v(_mm512_maskz_mul_epu32(0xff, __m512i(a), __m512i(b)));  // GCC 12 warns about the plain one
#elif defined(__AVX2__)
  return u64v(_mm256_mul_epu32(__m256i(a), __m256i(b)));
#elif defined(__SSE2__)
  return u64v(_mm_mul_epu32(__m128i(a), __m128i(b)));
#else
  return (a & 0xffffffffu) * b;
#endif
}

struct RandomWords {
  u32v word[4];
};

// Returns random_block(at, first + i)[w] in lane i of word w, for a position that was read. `first` is a multiple of
// the lanes, so that all have one key.
inline RandomWords random_blocks(const RandomPosition& at, uint64_t first) {
  u32v block = u32v{} + uint32_t(first);
  for (int i = 0; i < lanes<float>; ++i) block[i] += uint32_t(i);
  u64v c[2][4];
  for (int odd = 0; odd < 2; ++odd) {
    c[odd][0] = u64v(block) >> (32 * odd);
    c[odd][1] = u64v{} + at.op;
    c[odd][2] = u64v{} + at.micro;
    c[odd][3] = u64v{} + at.step;
  }
  auto [k0, k1] = key_of_block(at, first);
  for (int round = 0; round < 10; ++round) {
    for (int odd = 0; odd < 2; ++odd) {
      const u64v a = multiply_low(c[odd][0], 0xD2511F53u);
      const u64v b = multiply_low(c[odd][2], 0xCD9E8D57u);
      c[odd][0] = (b >> 32) ^ c[odd][1] ^ k0;
      c[odd][1] = b;
      c[odd][2] = (a >> 32) ^ c[odd][3] ^ k1;
      c[odd][3] = a;
    }
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  RandomWords words;
  for (int w = 0; w < 4; ++w) words.word[w] = u32v((c[0][w] & 0xffffffffu) | (c[1][w] << 32));
  return words;
}

}  // namespace tensor::cpu::KILM_KERNEL_ISA
