#include "kilm/wikitext/parentheses.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "kilm/text/characters.h"
#include "kilm/text/unicode.h"
#include "kilm/wikitext/strip.h"

namespace kilm::wikitext {

namespace {

struct Range {
  size_t begin, end;
};

// Measures the parenthesis at `at`: its bytes, or 0 if there is none.
size_t opening(std::string_view text, size_t at) { return text[at] == '(' ? 1 : text.substr(at, 3) == "（" ? 3 : 0; }
size_t closing(std::string_view text, size_t at) { return text[at] == ')' ? 1 : text.substr(at, 3) == "）" ? 3 : 0; }

// Measures the comma or semicolon at `at`: its bytes, or 0 if there is none.
size_t separator(std::string_view text, size_t at) {
  for (const std::string_view sign : {",", ";", "，", "、", "；", "،", "؛"})
    if (text.substr(at, sign.size()) == sign) return sign.size();
  return 0;
}

bool belongs_to_word(std::string_view text, size_t at) {
  return text[at] == '(' && at > 0 && (text::is_letter(text[at - 1]) || text::is_digit(text[at - 1]));
}

// Returns the range with one of the spaces around it.
Range with_space(std::string_view text, Range range) {
  const bool before = range.begin > 0 && text[range.begin - 1] == ' ';
  if (before && !text::is_letter(text::first_character(text.substr(range.end, 4)))) {
    --range.begin;
  } else if ((range.begin == 0 || text[range.begin - 1] == '(') && text.substr(range.end, 1) == " ") {
    ++range.end;
  }
  return range;
}

// Finds parentheses around holes, in order and apart; of nested ones the inner.
std::vector<Range> around_holes(std::string_view text) {
  struct OpenParenthesis {
    size_t at;
    bool hole;
  };
  std::vector<OpenParenthesis> open;
  std::vector<Range> found;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == kHole && !open.empty()) open.back().hole = true;
    if (opening(text, at) > 0) open.push_back({at, false});
    const size_t close = closing(text, at);
    if (close == 0 || open.empty()) continue;
    const OpenParenthesis last = open.back();
    open.pop_back();
    if (!last.hole) continue;
    if (belongs_to_word(text, last.at)) {
      if (!open.empty()) open.back().hole = true;
      continue;
    }
    while (!found.empty() && found.back().begin >= last.at) found.pop_back();
    found.push_back(with_space(text, {last.at, at + close}));
  }
  return found;
}

}  // namespace

void drop_parentheses(Paragraph& paragraph) {
  if (paragraph.text.find(kHole) == text::kNone) return;
  const std::vector<Range> ranges = around_holes(paragraph.text);
  if (ranges.empty()) return;
  const Paragraph whole = std::exchange(paragraph, {});
  paragraph.section = whole.section;
  size_t at = 0, link = 0;
  const auto keep = [&](size_t end) {
    const int64_t shift = int64_t(paragraph.text.size()) - int64_t(at);
    for (; link < whole.links.size() && size_t(whole.links[link].begin) < end; ++link) {
      const WikiLink& l = whole.links[link];
      if (size_t(l.begin) >= at && size_t(l.end) <= end)
        paragraph.links.push_back({l.begin + shift, l.end + shift, l.target});
    }
    paragraph.text.append(whole.text, at, end - at);
  };
  for (const Range& range : ranges) {
    keep(range.begin);
    at = range.end;
  }
  keep(whole.text.size());
}

std::optional<size_t> item_in_parentheses(std::string_view text) {
  size_t item = text::kNone;
  int depth = 0;
  for (size_t at = text.size(), end = at > 200 ? at - 200 : 0; at-- > end;) {
    depth += closing(text, at) > 0;
    const size_t bracket = opening(text, at);
    if (bracket > 0 && depth-- == 0) return item == text::kNone ? at + bracket : item;
    const size_t size = separator(text, at);
    if (size > 0 && depth == 0 && item == text::kNone) item = at + size;
  }
  return {};
}

}  // namespace kilm::wikitext
