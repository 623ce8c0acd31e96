#include "tensor/base/digest.h"

#include <cpuid.h>
#include <immintrin.h>
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace base {

namespace {

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
constexpr uint32_t kRounds[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

uint32_t load_big_endian(const uint8_t* bytes) {
  uint32_t value;
  std::memcpy(&value, bytes, 4);
  return __builtin_bswap32(value);
}

void append_hex(std::string& out, uint8_t byte) {
  const char* digits = "0123456789abcdef";
  out += digits[byte >> 4];
  out += digits[byte & 15];
}

// Makes one round. Instead of moving all eight variables along, the caller turns the order of the arguments.
inline void round(uint32_t a, uint32_t b, uint32_t c, uint32_t& d, uint32_t e, uint32_t f, uint32_t g, uint32_t& h,
                  uint32_t input) {
  const uint32_t sum1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
  const uint32_t sum0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
  const uint32_t t = h + sum1 + (g ^ (e & (f ^ g))) + input;
  d += t;
  h = t + sum0 + ((a & b) | (c & (a | b)));
}

inline uint32_t next_word(const uint32_t* w, int i) {
  const uint32_t x = w[(i + 1) & 15], y = w[(i + 14) & 15];
  const uint32_t s0 = std::rotr(x, 7) ^ std::rotr(x, 18) ^ (x >> 3);
  const uint32_t s1 = std::rotr(y, 17) ^ std::rotr(y, 19) ^ (y >> 10);
  return w[i & 15] + s0 + w[(i + 9) & 15] + s1;
}

inline void eight_rounds(uint32_t (&v)[8], const uint32_t* w, const uint32_t* k) {
  auto& [a, b, c, d, e, f, g, h] = v;
  round(a, b, c, d, e, f, g, h, w[0] + k[0]);
  round(h, a, b, c, d, e, f, g, w[1] + k[1]);
  round(g, h, a, b, c, d, e, f, w[2] + k[2]);
  round(f, g, h, a, b, c, d, e, w[3] + k[3]);
  round(e, f, g, h, a, b, c, d, w[4] + k[4]);
  round(d, e, f, g, h, a, b, c, w[5] + k[5]);
  round(c, d, e, f, g, h, a, b, w[6] + k[6]);
  round(b, c, d, e, f, g, h, a, w[7] + k[7]);
}

void compress_plainly(uint32_t* state, const uint8_t* block, size_t blocks) {
  for (; blocks > 0; --blocks, block += 64) {
    uint32_t w[16];  // the message schedule, of which a round needs only the last 16 words
    for (int i = 0; i < 16; ++i) w[i] = load_big_endian(block + 4 * i);
    uint32_t v[8];
    std::copy_n(state, 8, v);
    for (int i = 0; i < 64; i += 16) {
      if (i > 0)
        for (int j = 0; j < 16; ++j) w[j] = next_word(w, j);
      eight_rounds(v, w, kRounds + i);
      eight_rounds(v, w + 8, kRounds + i + 8);
    }
    for (int i = 0; i < 8; ++i) state[i] += v[i];
  }
}

// Uses the instructions that newer processors have for it: a checkpoint is written in a fifth of the time. They keep
// the variables in two registers, a b e f and c d g h from the top, and do two rounds at once.
[[gnu::target("sha,sse4.1")]] void compress_with_instructions(uint32_t* state, const uint8_t* block, size_t blocks) {
  const auto at = [](const void* p) { return static_cast<const __m128i*>(p); };
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  const __m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128(at(state)), 0xb1);
  const __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128(at(state + 4)), 0x1b);
  __m128i abef = _mm_alignr_epi8(cdab, efgh, 8), cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
  for (; blocks > 0; --blocks, block += 64) {
    const __m128i abef_before = abef, cdgh_before = cdgh;
    __m128i w[4];  // the message schedule, four words each
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) {
      __m128i& next = w[i % 4];
      if (i < 4) {
        next = _mm_shuffle_epi8(_mm_loadu_si128(at(block + 16 * i)), big_endian);
      } else {
        const __m128i last = w[(i + 3) % 4], before = w[(i + 2) % 4];
        next = _mm_add_epi32(_mm_sha256msg1_epu32(next, w[(i + 1) % 4]), _mm_alignr_epi8(last, before, 4));
        next = _mm_sha256msg2_epu32(next, last);
      }
      const __m128i input = _mm_add_epi32(next, _mm_loadu_si128(at(kRounds + 4 * i)));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, input);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(input, 0x0e));
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  const __m128i feba = _mm_shuffle_epi32(abef, 0x1b), dchg = _mm_shuffle_epi32(cdgh, 0xb1);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(state), _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

bool has_sha_instructions() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b >> 29 & 1) != 0;
}

}  // namespace

Sha256::Sha256(bool use_instructions)
    : compress_(use_instructions && has_sha_instructions() ? compress_with_instructions : compress_plainly),
      state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19} {}

void Sha256::update(std::span<const std::byte> bytes) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  size_t left = bytes.size();
  const size_t held = size_ % 64;
  size_ += left;
  if (held > 0) {
    const size_t n = std::min(left, 64 - held);
    std::copy_n(data, n, pending_.begin() + held);
    data += n;
    left -= n;
    if (held + n < 64) return;
    compress_(state_.data(), pending_.data(), 1);
  }
  compress_(state_.data(), data, left / 64);
  std::copy_n(data + left / 64 * 64, left % 64, pending_.begin());
}

std::string Sha256::hex() const {
  Sha256 last = *this;
  const uint64_t bits = size_ * 8;
  std::array<std::byte, 72> padding{std::byte(0x80)};
  const size_t zeros = (119 - size_ % 64) % 64;  // after these and the 0x80 the 8 bytes of the length end a block
  for (int i = 0; i < 8; ++i) padding[1 + zeros + size_t(i)] = std::byte(bits >> (56 - 8 * i));
  last.update(std::span(padding).first(1 + zeros + 8));
  std::string text;
  for (const uint32_t word : last.state_)
    for (int shift = 24; shift >= 0; shift -= 8) append_hex(text, uint8_t(word >> shift));
  return text;
}

Xxh3::Xxh3() : state_(XXH3_createState(), [](XXH3_state_s* state) { XXH3_freeState(state); }) {
  XXH3_128bits_reset(state_.get());
}

void Xxh3::update(std::span<const std::byte> bytes) { XXH3_128bits_update(state_.get(), bytes.data(), bytes.size()); }

std::string Xxh3::hex() const {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_.get()));
  std::string text;
  for (const uint8_t byte : canonical.digest) append_hex(text, byte);
  return text;
}

std::string sha256_hex(std::span<const std::byte> bytes) {
  Sha256 digest;
  digest.update(bytes);
  return digest.hex();
}

std::string xxh3_128_hex(std::span<const std::byte> bytes) {
  Xxh3 digest;
  digest.update(bytes);
  return digest.hex();
}

}  // namespace base
