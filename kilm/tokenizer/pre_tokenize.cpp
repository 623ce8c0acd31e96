#include "kilm/tokenizer/pre_tokenize.h"

#include <utf8proc.h>

#include <cstdint>

namespace kilm {

namespace {

enum class Kind : uint8_t { letter, number, space, sign };

struct Character {
  Kind kind;
  size_t bytes;
};

Kind kind_of(int32_t codepoint) {
  switch (utf8proc_category(codepoint)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO: return Kind::letter;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO: return Kind::number;
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return Kind::space;
    default: return (codepoint >= 9 && codepoint <= 13) || codepoint == 0x85 ? Kind::space : Kind::sign;
  }
}

Character character_at(std::string_view text, size_t at) {
  const unsigned char c = static_cast<unsigned char>(text[at]);
  if (c < 0x80) return {kind_of(c), 1};
  int32_t codepoint = 0;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at);
  const auto length = utf8proc_iterate(bytes, utf8proc_ssize_t(text.size() - at), &codepoint);
  return length > 0 ? Character{kind_of(codepoint), size_t(length)} : Character{Kind::sign, 1};
}

size_t contraction_at(std::string_view text, size_t at) {
  if (text[at] != '\'') return 0;
  for (const std::string_view end : {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"})
    if (text.substr(at, end.size()) == end) return end.size();
  return 0;
}

// The end of the run of characters of `kind` that begins at `at`.
size_t run_end(std::string_view text, size_t at, Kind kind) {
  while (at < text.size()) {
    const Character c = character_at(text, at);
    if (c.kind != kind) break;
    at += c.bytes;
  }
  return at;
}

// White space from `at`: all of it at the end of the text, else without its last character, if that leaves any.
size_t space_end(std::string_view text, size_t at) {
  size_t last = at, end = at;
  while (end < text.size()) {
    const Character c = character_at(text, end);
    if (c.kind != Kind::space) return last > at ? last : end;
    last = end;
    end += c.bytes;
  }
  return end;
}

size_t word_end(std::string_view text, size_t at) {
  if (const size_t contraction = contraction_at(text, at)) return at + contraction;
  const size_t begin = text[at] == ' ' && at + 1 < text.size() ? at + 1 : at;  // one space may lead
  const Kind kind = character_at(text, begin).kind;
  return kind == Kind::space ? space_end(text, at) : run_end(text, begin, kind);
}

}  // namespace

size_t leading_space(std::string_view text) { return run_end(text, 0, Kind::space); }

size_t trailing_space(std::string_view text) {
  size_t begin = text.size();  // of the white space
  while (begin > 0) {
    size_t last = begin - 1;  // goes back to the first byte of a character
    while (last > 0 && begin - last < 4 && (uint8_t(text[last]) & 0xC0) == 0x80) --last;
    const Character c = character_at(text, last);
    if (c.kind != Kind::space || last + c.bytes != begin) break;
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

}  // namespace kilm
