#include "kilm/retrieval/murmur_hash.h"

#include <bit>
#include <cstring>

namespace kilm::retrieval {

static_assert(std::endian::native == std::endian::little, "words of a text are read little-endian");

namespace {

uint32_t mixed(uint32_t word) { return std::rotl(word * 0xCC9E2D51u, 15) * 0x1B873593u; }

}  // namespace

uint32_t murmur_hash3(std::string_view bytes, uint32_t seed) {
  uint32_t hash = seed;
  std::string_view rest = bytes;
  for (; rest.size() >= sizeof(uint32_t); rest.remove_prefix(sizeof(uint32_t))) {
    uint32_t word;
    std::memcpy(&word, rest.data(), sizeof(word));
    hash = std::rotl(hash ^ mixed(word), 13) * 5 + 0xE6546B64u;
  }
  uint32_t last = 0;
  if (!rest.empty()) std::memcpy(&last, rest.data(), rest.size());
  hash ^= mixed(last);
  hash ^= uint32_t(bytes.size());
  hash = (hash ^ hash >> 16) * 0x85EBCA6Bu;
  hash = (hash ^ hash >> 13) * 0xC2B2AE35u;
  return hash ^ hash >> 16;
}

}  // namespace kilm::retrieval
