// MurmurHash3 x86_32 by Austin Appleby: a number for a text, the same for everybody who asks.
#pragma once

#include <cstdint>
#include <string_view>

namespace kilm::retrieval {

uint32_t murmur_hash3(std::string_view bytes, uint32_t seed = 0);

}  // namespace kilm::retrieval
