// Running digests of byte streams: SHA-256, by which others can check a file, and XXH3-128, fast enough to verify
// every checkpoint at load. Both take their input in pieces of any size.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

struct XXH3_state_s;

namespace base {

// FIPS 180-4.
class Sha256 {
 public:
  explicit Sha256(bool use_instructions = true);  // those that many processors have for it
  void update(std::span<const std::byte> bytes);
  std::string hex() const;  // 64 lower-case digits; the stream may go on afterwards

 private:
  void (*compress_)(uint32_t* state, const uint8_t* block, size_t blocks);
  std::array<uint32_t, 8> state_;
  std::array<uint8_t, 64> pending_;  // the last bytes, until they fill a block
  uint64_t size_ = 0;
};

class Xxh3 {
 public:
  Xxh3();
  void update(std::span<const std::byte> bytes);
  std::string hex() const;  // 32 lower-case digits, as `xxh128sum` prints them

 private:
  std::unique_ptr<XXH3_state_s, void (*)(XXH3_state_s*)> state_;
};

std::string sha256_hex(std::span<const std::byte> bytes);
std::string xxh3_128_hex(std::span<const std::byte> bytes);

struct Digests {
  std::string sha256;
  std::string xxh3_128;
};

}  // namespace base
