#include "kilm/text/unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <iterator>

#include "kilm/text/characters.h"
#include "tensor/base/format.h"

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

// Unicode's Cased and Case_Ignorable, which tell where a word ends for the small sigma.
bool is_cased(char32_t c) {
  const utf8proc_category_t kind = category(c);
  return (kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_LT) ||
         utf8proc_tolower(utf8proc_int32_t(c)) != utf8proc_int32_t(c) ||
         utf8proc_toupper(utf8proc_int32_t(c)) != utf8proc_int32_t(c);
}

bool is_case_ignorable(char32_t c) {
  static constexpr char32_t kInsideOfWords[] = {'\'',   '.',    ':',    0xB7,   0x387,  0x55F,  0x5F4,  0x2018, 0x2019,
                                                0x2024, 0x2027, 0xFE13, 0xFE52, 0xFE55, 0xFF07, 0xFF0E, 0xFF1A};
  const utf8proc_category_t kind = category(c);
  return kind == UTF8PROC_CATEGORY_MN || kind == UTF8PROC_CATEGORY_ME || kind == UTF8PROC_CATEGORY_CF ||
         kind == UTF8PROC_CATEGORY_LM || kind == UTF8PROC_CATEGORY_SK ||
         std::find(std::begin(kInsideOfWords), std::end(kInsideOfWords), c) != std::end(kInsideOfWords);
}

// Whether a Σ between `before` and `after` is the last letter of a word of more than one.
bool is_final_sigma(std::string_view before, std::string_view after) {
  while (!before.empty() && is_case_ignorable(last_character(before)))
    before.remove_suffix(utf8_size(last_character(before)));
  while (!after.empty() && is_case_ignorable(first_character(after)))
    after.remove_prefix(utf8_size(first_character(after)));
  return !before.empty() && is_cased(last_character(before)) && !(!after.empty() && is_cased(first_character(after)));
}

}  // namespace

char32_t first_character(std::string_view text) {
  if (text.empty()) return 0;
  if (static_cast<unsigned char>(text[0]) < 0x80) return char32_t(text[0]);
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

bool is_number(char32_t c) {
  const utf8proc_category_t kind = category(c);
  return kind >= UTF8PROC_CATEGORY_ND && kind <= UTF8PROC_CATEGORY_NO;
}

bool is_punctuation(char32_t c) {
  const utf8proc_category_t kind = category(c);
  return kind >= UTF8PROC_CATEGORY_PC && kind <= UTF8PROC_CATEGORY_PO;
}

bool is_separator_or_control(char32_t c) {
  const utf8proc_category_t kind = category(c);
  return kind == UTF8PROC_CATEGORY_CN || kind >= UTF8PROC_CATEGORY_ZS;
}

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

bool is_white_space(char32_t c) {
  if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1C && c <= 0x1F);
  const utf8proc_category_t kind = category(c);
  return c == 0x85 || (kind >= UTF8PROC_CATEGORY_ZS && kind <= UTF8PROC_CATEGORY_ZP);
}

bool is_word_character(char32_t c) {
  if (c < 0x80) return is_letter(char(c)) || is_digit(char(c)) || c == '_';
  const utf8proc_category_t kind = category(c);
  return (kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_LO) ||
         (kind >= UTF8PROC_CATEGORY_ND && kind <= UTF8PROC_CATEGORY_NO);
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const char32_t c = first_character(text);
    if (c == kNoCharacter) return false;
    text.remove_prefix(utf8_size(c));
  }
  return true;
}

std::string as_utf8(std::string_view text) {
  std::string result;
  for (; !text.empty(); text.remove_prefix(utf8_size(first_character(text)))) {
    const char32_t c = first_character(text);
    append_utf8(result, c == kNoCharacter ? U'\uFFFD' : c);
  }
  return result;
}

namespace {

struct Mark {
  char32_t character;
  utf8proc_propval_t combining_class;
};

// Decomposes a text that is UTF-8, and sorts the marks of each letter by their class, equal ones as they stand.
// utf8proc_map does the same, but takes the square of the marks of a letter to sort them.
void append_decomposed(std::string& out, std::string_view text) {
  std::vector<Mark> marks;  // since the last character that has none
  const auto end_marks = [&] {
    std::ranges::stable_sort(marks, {}, &Mark::combining_class);
    for (const Mark& mark : marks) append_utf8(out, mark.character);
    marks.clear();
  };
  for (; !text.empty(); text.remove_prefix(utf8_size(first_character(text)))) {
    const char32_t c = first_character(text);
    if (c < 0x80) {
      end_marks();
      out += char(c);
      continue;
    }
    utf8proc_int32_t parts[16];
    int unused = 0;
    const auto count = utf8proc_decompose_char(utf8proc_int32_t(c), parts, std::ssize(parts),
                                               utf8proc_option_t(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE), &unused);
    base::check(count >= 0 && count <= std::ssize(parts), "unicode: U+{} is not decomposed", uint32_t(c));
    for (utf8proc_ssize_t i = 0; i < count; ++i) {
      const utf8proc_propval_t combining_class = utf8proc_get_property(parts[i])->combining_class;
      if (combining_class == 0) end_marks();
      if (combining_class == 0)
        append_utf8(out, char32_t(parts[i]));
      else
        marks.push_back({char32_t(parts[i]), combining_class});
    }
  }
  end_marks();
}

}  // namespace

std::string decomposed(std::string_view text) {
  std::string result;
  size_t begin = 0;  // of what is UTF-8
  for (size_t at = 0; at <= text.size();) {
    const char32_t c = at < text.size() ? first_character(text.substr(at)) : kNoCharacter;
    if (c == kNoCharacter) {
      append_decomposed(result, text.substr(begin, at - begin));
      if (at < text.size()) result += text[at];
      begin = at + 1;
    }
    at += utf8_size(c);
  }
  return result;
}

std::vector<std::string_view> split_at_white_space(std::string_view text) {
  std::vector<std::string_view> words;
  size_t begin = 0;
  for (size_t at = 0; at < text.size();) {
    const char32_t c = first_character(text.substr(at));
    const size_t next = at + utf8_size(c);
    if (is_white_space(c)) {
      if (begin < at) words.push_back(text.substr(begin, at - begin));
      begin = next;
    }
    at = next;
  }
  if (begin < text.size()) words.push_back(text.substr(begin));
  return words;
}

std::string_view stripped(std::string_view text) {
  while (!text.empty() && is_white_space(first_character(text))) text.remove_prefix(utf8_size(first_character(text)));
  while (!text.empty() && is_white_space(last_character(text))) text.remove_suffix(utf8_size(last_character(text)));
  return text;
}

std::string lower_case(std::string_view text) { return map_characters(text, utf8proc_tolower); }
std::string upper_case(std::string_view text) { return map_characters(text, utf8proc_toupper); }
std::string title_case(std::string_view text) { return map_characters(text, utf8proc_totitle); }

std::string full_lower_case(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (size_t at = 0, next = 0; at < text.size(); at = next) {
    const char32_t c = first_character(text.substr(at));
    next = at + utf8_size(c);
    if (c == kNoCharacter)
      result += text[at];
    else if (c == U'İ')
      result += "i\u0307";
    else if (c == U'Σ')
      append_utf8(result, is_final_sigma(text.substr(0, at), text.substr(next)) ? U'ς' : U'σ');
    else
      append_utf8(result, c < 0x80 ? char32_t(to_lower(char(c))) : char32_t(utf8proc_tolower(utf8proc_int32_t(c))));
  }
  return result;
}

}  // namespace kilm::text
