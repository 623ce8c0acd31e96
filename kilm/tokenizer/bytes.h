// Printable characters for bytes, by which the files of a byte-level tokenizer spell its pieces (Radford et al. 2019).
// Bytes that print stand for themselves. The others become the characters U+0100, U+0101, ... in order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kilm::tokenizer {

const std::string& printable(uint8_t byte);  // UTF-8
std::vector<uint8_t> bytes_by_printable();   // the 256 bytes in the order of their characters

// Returns the bytes that a piece spells, or nothing if a character of it stands for no byte.
std::optional<std::string> spelt_bytes(std::string_view piece);

}  // namespace kilm::tokenizer
