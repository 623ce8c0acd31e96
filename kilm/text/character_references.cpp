#include "kilm/text/character_references.h"

#include <algorithm>
#include <cstdint>

#include "kilm/text/characters.h"
#include "kilm/text/named_references.h"
#include "kilm/text/unicode.h"

namespace kilm::text {

namespace {

// What browsers take the numbers 128 to 159 for; 0 where Windows-1252 has no character.
constexpr uint16_t kWindows1252[32] = {8364, 0,    8218, 402,  8222, 8230, 8224, 8225, 710,  8240, 352,
                                       8249, 338,  0,    381,  0,    0,    8216, 8217, 8220, 8221, 8226,
                                       8211, 8212, 732,  8482, 353,  8250, 339,  0,    382,  376};

// Tells whether MediaWiki lets a number stand for this character.
bool is_character(char32_t c) {
  return c == '\t' || c == '\n' || (c >= 0x20 && c < 0x7F) || (c >= 0xA0 && c < 0xD800) ||
         (c >= 0xE000 && c < 0xFFFE) || (c >= 0x10000 && c < 0x110000);
}

int digit(char c, int base) {
  const int value = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : 99;
  return value < base ? value : -1;
}

constexpr size_t kLongestName = 32;  // bytes

bool is_name(char c) { return is_letter(c) || is_digit(c) || is_beyond_ascii(c); }

// Reads a number; `text` begins with &#.
CharacterReference numeric(std::string_view text) {
  const bool hexadecimal = text.size() > 2 && (text[2] == 'x' || text[2] == 'X');
  const size_t begin = hexadecimal ? 3 : 2;
  const int base = hexadecimal ? 16 : 10;
  char32_t c = 0;
  size_t at = begin;
  for (; at < text.size() && digit(text[at], base) >= 0; ++at)
    c = std::min<char32_t>(c * char32_t(base) + char32_t(digit(text[at], base)), 0x110000);
  if (at == begin || at == text.size() || text[at] != ';') return {};
  if (c >= 128 && c < 160) c = kWindows1252[c - 128];
  if (!is_character(c)) return {};
  CharacterReference reference{.bytes = at + 1};
  append_utf8(reference.text, c);
  return reference;
}

// Reads a name; `text` begins with &.
CharacterReference named(std::string_view text) {
  size_t end = 1;
  while (end < text.size() && end < kLongestName + 1 && is_name(text[end])) ++end;
  if (end == text.size() || text[end] != ';') return {};
  const std::string_view name = text.substr(1, end - 1);
  const std::span<const NamedReference> all = named_references();
  const auto found = std::ranges::lower_bound(all, name, {}, &NamedReference::name);
  if (found == all.end() || found->name != name) return {};
  return {std::string(found->text), end + 1};
}

}  // namespace

CharacterReference character_reference_at(std::string_view text) {
  if (text.size() < 4 || text[0] != '&') return {};
  return text[1] == '#' ? numeric(text) : named(text);
}

std::string decode_character_references(std::string_view text) {
  std::string result;
  for (size_t at = 0; at < text.size();) {
    const size_t next = std::min(text.find('&', at), text.size());
    result += text.substr(at, next - at);
    if (next == text.size()) break;
    const CharacterReference reference = character_reference_at(text.substr(next));
    result += reference.bytes > 0 ? reference.text : "&";
    at = next + std::max<size_t>(reference.bytes, 1);
  }
  return result;
}

}  // namespace kilm::text
