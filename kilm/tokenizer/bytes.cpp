#include "kilm/tokenizer/bytes.h"

#include <array>

namespace kilm::tokenizer {

namespace {

constexpr int kCharacters = 0x100 + 68;  // 68 bytes do not print

bool prints(int b) { return (b >= 0x21 && b <= 0x7E) || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE; }

std::string utf8(int codepoint) {  // below U+0800
  if (codepoint < 0x80) return std::string(1, char(codepoint));
  return {char(0xC0 | (codepoint >> 6)), char(0x80 | (codepoint & 0x3F))};
}

struct ByteTable {
  std::array<std::string, 256> character;
  std::array<int16_t, kCharacters> byte;  // by code point; -1: none

  ByteTable() {
    byte.fill(-1);
    int next = 0x100;
    for (int b = 0; b < 256; ++b) {
      const int codepoint = prints(b) ? b : next++;
      character[size_t(b)] = utf8(codepoint);
      byte[size_t(codepoint)] = int16_t(b);
    }
  }
};

const ByteTable& table() {
  static const ByteTable table;
  return table;
}

}  // namespace

const std::string& printable(uint8_t byte) { return table().character[byte]; }

std::vector<uint8_t> bytes_by_printable() {
  std::vector<uint8_t> bytes;
  for (const int16_t byte : table().byte)
    if (byte >= 0) bytes.push_back(uint8_t(byte));
  return bytes;
}

std::optional<std::string> spelt_bytes(std::string_view piece) {
  std::string bytes;
  for (size_t at = 0; at < piece.size();) {
    const uint8_t c = uint8_t(piece[at]);
    int codepoint = c;
    if (c >= 0x80) {
      if (c < 0xC2 || c > 0xDF || at + 1 == piece.size()) return {};
      codepoint = (c & 0x1F) << 6 | (uint8_t(piece[at + 1]) & 0x3F);
    }
    if (codepoint >= kCharacters || table().byte[size_t(codepoint)] < 0) return {};
    bytes += char(table().byte[size_t(codepoint)]);
    at += c < 0x80 ? 1 : 2;
  }
  return bytes;
}

}  // namespace kilm::tokenizer
