#include "kilm/tokenizer/pre_tokenize.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kilm/tokenizer/unicode_ranges.h"

namespace kilm::tokenizer {

namespace {

enum class CharacterKind : uint8_t { letter, number, space, sign };

struct Character {
  CharacterKind kind;
  size_t bytes;
};

// The kind of every code point.
class KindTable {
 public:
  KindTable() : kinds_(0x110000, CharacterKind::sign) {
    for (const CodepointRange& range : letter_ranges()) fill(range, CharacterKind::letter);
    for (const CodepointRange& range : number_ranges()) fill(range, CharacterKind::number);
    for (const CodepointRange& range : kSpaces) fill(range, CharacterKind::space);
  }

  CharacterKind operator[](int32_t codepoint) const { return kinds_[size_t(codepoint)]; }

 private:
  // White_Space of Unicode.
  static constexpr CodepointRange kSpaces[] = {{0x09, 0x0D},     {0x20, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},
                                               {0x1680, 0x1680}, {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F},
                                               {0x205F, 0x205F}, {0x3000, 0x3000}};

  void fill(const CodepointRange& range, CharacterKind kind) {
    std::fill(kinds_.begin() + range.first, kinds_.begin() + range.last + 1, kind);
  }

  std::vector<CharacterKind> kinds_;
};

CharacterKind kind_of(int32_t codepoint) {
  static const KindTable table;
  return table[codepoint];
}

Character character_at(std::string_view text, size_t at) {
  const unsigned char c = static_cast<unsigned char>(text[at]);
  if (c < 0x80) return {kind_of(c), 1};
  int32_t codepoint = 0;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at);
  const auto length = utf8proc_iterate(bytes, utf8proc_ssize_t(text.size() - at), &codepoint);
  return length > 0 ? Character{kind_of(codepoint), size_t(length)} : Character{CharacterKind::sign, 1};
}

size_t contraction_at(std::string_view text, size_t at) {
  if (text[at] != '\'') return 0;
  for (const std::string_view end : {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"})
    if (text.substr(at, end.size()) == end) return end.size();
  return 0;
}

// Returns the end of the run of characters of `kind` that begins at `at`.
size_t run_end(std::string_view text, size_t at, CharacterKind kind) {
  while (at < text.size()) {
    const Character c = character_at(text, at);
    if (c.kind != kind) break;
    at += c.bytes;
  }
  return at;
}

// Returns where white space from `at` ends: with the text, else before its last character, if that leaves any.
size_t space_end(std::string_view text, size_t at) {
  size_t last = at, end = at;
  while (end < text.size()) {
    const Character c = character_at(text, end);
    if (c.kind != CharacterKind::space) return last > at ? last : end;
    last = end;
    end += c.bytes;
  }
  return end;
}

size_t word_end(std::string_view text, size_t at) {
  if (const size_t contraction = contraction_at(text, at)) return at + contraction;
  const size_t begin = text[at] == ' ' && at + 1 < text.size() ? at + 1 : at;  // one space may lead
  const CharacterKind kind = character_at(text, begin).kind;
  return kind == CharacterKind::space ? space_end(text, at) : run_end(text, begin, kind);
}

}  // namespace

size_t leading_space(std::string_view text) { return run_end(text, 0, CharacterKind::space); }

size_t trailing_space(std::string_view text) {
  size_t begin = text.size();  // of the white space
  while (begin > 0) {
    size_t last = begin - 1;  // goes back to the first byte of a character
    while (last > 0 && begin - last < 4 && (uint8_t(text[last]) & 0xC0) == 0x80) --last;
    const Character c = character_at(text, last);
    if (c.kind != CharacterKind::space || last + c.bytes != begin) break;
    begin = last;
  }
  return text.size() - begin;
}

void for_words(std::string_view text, const std::function<void(std::string_view)>& f) {
  for (size_t at = 0; at < text.size();) {
    const size_t end = word_end(text, at);
    f(text.substr(at, end - at));
    at = end;
  }
}

}  // namespace kilm::tokenizer
