#include "kilm/wikitext/page_text.h"

#include <algorithm>

#include "kilm/text/characters.h"
#include "kilm/text/unicode.h"
#include "kilm/wikitext/names.h"
#include "kilm/wikitext/strip.h"

namespace kilm::wikitext {

namespace {

constexpr int64_t kWorkPerByte = 16;  // real pages need about 3

}  // namespace

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \n\x01\x02");
  return begin == text::kNone ? std::string_view{}
                              : text.substr(begin, text.find_last_not_of(" \n\x01\x02") - begin + 1);
}

PageText::PageText(std::string page, Brackets pairs)
    : text(std::move(page)), brackets(std::move(pairs)), work_limit(kWorkPerByte * int64_t(text.size()) + 1000) {}

bool PageText::alone_on_line(size_t begin, size_t end) const {
  const auto is_blank = [](char c) { return c == ' ' || is_left_out(c); };
  while (begin > 0 && is_blank(text[begin - 1])) --begin;
  while (end < text.size() && is_blank(text[end])) ++end;
  return (begin == 0 || text[begin - 1] == '\n') && (end == text.size() || text[end] == '\n');
}

size_t PageText::find_bar(size_t at, size_t end) { return find_either(at, end, '|', kBar); }

size_t PageText::find_either(size_t at, size_t end, char a, char b) {
  while (at < end && text[at] != a && text[at] != b) {
    ++work;
    at = brackets.kind(at) == Bracket::none ? at + 1 : brackets.after(at);
  }
  return std::min(at, end);
}

size_t PageText::line_end(size_t at) {
  while (at < text.size() && text[at] != '\n') {
    ++work;
    if (text[at] == '<' && brackets.kind(at) == Bracket::none)
      at = behind_tag(at);
    else
      at = brackets.kind(at) == Bracket::none ? at + 1 : brackets.after(at);
  }
  return std::min(at, text.size());
}

size_t PageText::skip_line(size_t at) { return std::min(line_end(at), text.size() - 1) + 1; }

// Returns what is behind a tag of HTML at `at`, or behind the < if it is none.
size_t PageText::behind_tag(size_t at) {
  const size_t begin = at + 1 + at_text(at + 1, "/");
  const size_t end = std::min(text.find_first_of("<>", at + 1), text.size());
  work += int64_t(end - at);
  size_t name_end = begin;
  while (name_end < end && (text::is_letter(text[name_end]) || text::is_digit(text[name_end]))) ++name_end;
  if (end == text.size() || text[end] != '>' || name_end - begin > 16) return at + 1;
  return tag_kind(text::lower_case(view(begin, name_end))) == TagKind::unknown ? at + 1 : end + 1;
}

}  // namespace kilm::wikitext
