// bzip2 on all cores. A bzip2 stream is a row of blocks that know nothing of each other. Each begins with the same 48
// bits, at any bit of a byte. The decoder looks for those marks and decodes the blocks between them side by side. A
// block counts only once the one before it is known to end where it begins. So marks that occur by chance cost time and
// no bytes. Bytes, errors and their places are those of the serial decoder.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "kilm/dump/compression/decoder.h"

namespace kilm::dump {

// Makes a decoder that holds `window` blocks in memory at a time: up to 5 MiB each while they are decoded.
std::unique_ptr<Decoder> parallel_bzip2_decoder(size_t window);

// Returns where in `bytes` blocks and ends of streams may begin: numbers of bits, rising. None is cut by the end of
// `bytes`.
std::vector<int64_t> bzip2_marks(std::string_view bytes);

}  // namespace kilm::dump
