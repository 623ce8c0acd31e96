#include "kilm/retrieval/murmur_hash.h"

#include <doctest/doctest.h>

using kilm::retrieval::murmur_hash3;

TEST_CASE("MurmurHash3 x86_32 gives the published values") {
  CHECK(murmur_hash3("") == 0);
  CHECK(murmur_hash3("", 1) == 0x514E28B7);
  CHECK(murmur_hash3("", 0xFFFFFFFF) == 0x81F16F39);
  CHECK(murmur_hash3(std::string_view("\0\0\0\0", 4)) == 0x2362F9DE);
  CHECK(murmur_hash3("abc") == 0xB3DD93FA);
  CHECK(murmur_hash3("hello") == 0x248BFA47);
  CHECK(murmur_hash3("hello, world") == 0x149BBB7F);
  CHECK(murmur_hash3("The quick brown fox jumps over the lazy dog") == 0x2E4FF723);
  CHECK(murmur_hash3("aaaa", 0x9747B28C) == 0x5A97808A);
  CHECK(murmur_hash3("aaa", 0x9747B28C) == 0x283E0130);
}
