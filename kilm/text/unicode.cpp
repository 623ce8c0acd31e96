#include "kilm/text/unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <iterator>

#include "kilm/text/characters.h"

namespace kilm::text {

namespace {

struct Range {
  char32_t first, last;
};

constexpr Range kEastAsian[] = {{0x2E80, 0x2FDF}, {0x3005, 0x3007},  {0x3021, 0x3029}, {0x3031, 0x3035},
                                {0x3041, 0x312F}, {0x31A0, 0x31FF},  {0x3400, 0x4DBF}, {0x4E00, 0x9FFF},
                                {0xF900, 0xFAFF}, {0xFF10, 0xFF19},  {0xFF21, 0xFF3A}, {0xFF41, 0xFF5A},
                                {0xFF66, 0xFF9F}, {0x20000, 0x3FFFF}};
constexpr Range kSouthEastAsian[] = {{0x0E01, 0x0EFF}, {0x0F00, 0x0FFF}, {0x1000, 0x109F}, {0x1780, 0x17FF}};

template <size_t N>
bool is_in(const Range (&ranges)[N], char32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges), [&](const Range& r) { return c >= r.first && c <= r.last; });
}

// Maps character by character; bytes that are not UTF-8 stay.
std::string map_characters(std::string_view text, utf8proc_int32_t (*map)(utf8proc_int32_t)) {
  std::string result;
  result.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    utf8proc_int32_t c = 0;
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at);
    const auto length = utf8proc_iterate(bytes, utf8proc_ssize_t(text.size() - at), &c);
    if (length > 0)
      append_utf8(result, char32_t(map(c)));
    else
      result += text[at];
    at += length > 0 ? size_t(length) : 1;
  }
  return result;
}

utf8proc_category_t category(char32_t c) {
  return c < kNoCharacter ? utf8proc_category(utf8proc_int32_t(c)) : UTF8PROC_CATEGORY_CN;
}

}  // namespace

char32_t first_character(std::string_view text) {
  if (text.empty()) return 0;
  utf8proc_int32_t c = 0;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  return utf8proc_iterate(bytes, utf8proc_ssize_t(text.size()), &c) > 0 ? char32_t(c) : kNoCharacter;
}

char32_t last_character(std::string_view text) {
  if (text.empty()) return 0;
  size_t begin = text.size() - 1;
  while (begin > 0 && text.size() - begin < 4 && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) --begin;
  const char32_t c = first_character(text.substr(begin));
  return c != kNoCharacter && utf8_size(c) == text.size() - begin ? c : kNoCharacter;
}

size_t utf8_size(char32_t c) { return c < 0x80 || c >= kNoCharacter ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4; }

bool is_letter(char32_t c) {
  if (c < 0x80) return is_letter(char(c));
  const utf8proc_category_t kind = category(c);
  return kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_ME;
}

bool is_digit_character(char32_t c) { return c < 0x80 ? is_digit(char(c)) : category(c) == UTF8PROC_CATEGORY_ND; }
bool is_small(char32_t c) { return c < 0x80 ? is_lower(char(c)) : category(c) == UTF8PROC_CATEGORY_LL; }

bool is_capital(char32_t c) {
  if (c < 0x80) return is_upper(char(c));
  return category(c) == UTF8PROC_CATEGORY_LU || category(c) == UTF8PROC_CATEGORY_LT;
}

bool is_caseless(char32_t c) { return c >= 0x80 && category(c) == UTF8PROC_CATEGORY_LO; }
bool is_east_asian(char32_t c) { return c >= 0x80 && is_in(kEastAsian, c); }
bool is_spaceless(char32_t c) { return is_east_asian(c) || is_in(kSouthEastAsian, c); }

bool is_raised(char32_t c) { return c == U'¹' || c == U'²' || c == U'³' || c == U'⁰' || (c >= 0x2074 && c <= 0x207B); }

void append_utf8(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += char(c);
  } else if (c < 0x800) {
    out += {char(0xC0 | c >> 6), char(0x80 | (c & 63))};
  } else if (c < 0x10000) {
    out += {char(0xE0 | c >> 12), char(0x80 | (c >> 6 & 63)), char(0x80 | (c & 63))};
  } else {
    out += {char(0xF0 | c >> 18), char(0x80 | (c >> 12 & 63)), char(0x80 | (c >> 6 & 63)), char(0x80 | (c & 63))};
  }
}

size_t utf8_length(unsigned char lead) {
  return lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 1;
}

std::string lower_case(std::string_view text) { return map_characters(text, utf8proc_tolower); }
std::string upper_case(std::string_view text) { return map_characters(text, utf8proc_toupper); }
std::string title_case(std::string_view text) { return map_characters(text, utf8proc_totitle); }

}  // namespace kilm::text
