// Tags of HTML in a page. Their content is wikitext: what is not was dropped by strip.h.
#include <algorithm>

#include "kilm/text/characters.h"
#include "kilm/text/unicode.h"
#include "kilm/wikitext/names.h"
#include "kilm/wikitext/parser.h"
#include "kilm/wikitext/superscript.h"

namespace kilm::wikitext {

namespace {

// Tells whether a tag of <ruby> holds how characters are read, which is no part of the word.
bool is_reading(std::string_view name) { return name == "rt" || name == "rp" || name == "rtc"; }

}  // namespace

struct Parser::HtmlTag {
  std::string name;  // lower case; empty if there is no tag
  bool closing = false;
  size_t after = 0;  // the byte behind its >
};

size_t Parser::tag(size_t at, size_t end) {
  if (page_.brackets.kind(at) == Bracket::html_table) {
    leave_out_block(Omission::table);
    return page_.brackets.after(at);
  }
  const HtmlTag tag = tag_at(at, end);
  if (tag.name.empty()) return literal(at);
  if (is_reading(tag.name) && !tag.closing) return behind_reading(tag.after, end);
  if ((tag.name == "sup" || tag.name == "sub") && !tag.closing) {
    if (const size_t next = raised_or_lowered(tag.name, at, tag.after)) return next;
  }
  switch (tag_kind(tag.name)) {
    case TagKind::inline_: break;
    case TagKind::space: out_->text(" "); break;
    case TagKind::block: end_block(); break;
    case TagKind::item:
      end_block();
      if (out_ != &prose_ || tag.closing) break;
      article_.omissions.add(Omission::list_item);
      drop_lead_in_to_block();
      return page_.skip_line(tag.after) - 1;
    case TagKind::unknown: article_.omissions.add(Omission::tag); break;
  }
  return tag.after;
}

// Reads the tag at `at`. One that does not end before `end` is none.
Parser::HtmlTag Parser::tag_at(size_t at, size_t end) {
  const std::string& text = page_.text;
  const bool closing = page_.at_text(at + 1, "/");
  const size_t begin = at + 1 + closing;
  size_t name_end = begin;
  while (name_end < end && (text::is_letter(text[name_end]) || text::is_digit(text[name_end])) && name_end - begin < 16)
    ++name_end;
  if (page_.at_text(name_end, "-") && text::lower_case(page_.view(begin, name_end)) == "mainpage")  // of Fandom
    name_end = std::min(text.find_first_of(" <>/\n", name_end), text.size());
  const size_t close = std::min(text.find_first_of("<>", name_end), text.size());
  page_.work += int64_t(close - at);
  const bool named = name_end > begin && text::is_letter(text[begin]);
  if (!named || close >= end || text[close] != '>' || std::string_view(" />\n").find(text[name_end]) == text::kNone)
    return {};
  return {text::lower_case(page_.view(begin, name_end)), closing, close + 1};
}

// Returns where the tag begins that ends a reading, whose inside begins at `at`: `at` itself if none is near.
size_t Parser::behind_reading(size_t at, size_t end) {
  constexpr size_t kFar = 1000;
  const size_t far = std::min(end, at + kFar);
  for (size_t next = page_.text.find('<', at); next < far; next = page_.text.find('<', next + 1)) {
    const std::string tag = text::lower_case(page_.view(next, std::min(next + 7, far)));
    for (const std::string_view stop : {"</rt", "<rt", "</rp", "<rp", "<rb", "</rb", "</ruby"})
      if (tag.starts_with(stop)) {
        page_.work += int64_t(next - at);
        article_.omissions.add(Omission::tag);
        return next;
      }
  }
  page_.work += int64_t(far - at);
  return at;
}

// Writes a number in <sup>, or in <sub> behind a number, and returns what is behind it; 0 if it is none. A number that
// is not known is missing from its word. The tag is at `at`, its inside at `begin`.
size_t Parser::raised_or_lowered(const std::string& name, size_t at, size_t begin) {
  const size_t end = std::min(page_.text.find('<', begin), page_.text.size());
  if (end - begin > 80 || !page_.at_text(end, "</" + name + ">")) return 0;
  std::string inside;
  const bool unknown = lacks_word([&] { inside = plain(begin, end); });
  const std::string number = name == "sup" ? superscript(inside) : subscript(inside);
  if (unknown && out_->ends_in_word()) {
    leave_out_word();
  } else {
    if (unknown || number.empty() || (name == "sub" && !ends_number(at))) return 0;
    out_->text(number);
  }
  return end + name.size() + 3;
}

// Tells whether a number ends at `at`, decimal or hexadecimal: 20 or 7E.
bool Parser::ends_number(size_t at) const {
  if (at > 1 && page_.text[at - 1] >= 'A' && page_.text[at - 1] <= 'F') --at;
  return at > 0 && text::is_digit(page_.text[at - 1]);
}

}  // namespace kilm::wikitext
