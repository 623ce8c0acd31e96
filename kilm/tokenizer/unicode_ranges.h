// Which code points are letters and which are numbers in Unicode 16, the version that Hugging Face's tokenizers 0.23
// knows. A table of our own, so that ids do not depend on what is installed.
#pragma once

#include <cstdint>
#include <span>

namespace kilm::tokenizer {

struct CodepointRange {
  int32_t first, last;
};

std::span<const CodepointRange> letter_ranges();  // general category L, ascending
std::span<const CodepointRange> number_ranges();  // general category N, ascending

}  // namespace kilm::tokenizer
