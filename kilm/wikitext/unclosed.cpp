#include "kilm/wikitext/unclosed.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "kilm/text/characters.h"
#include "kilm/wikitext/names.h"
#include "kilm/wikitext/strip.h"

namespace kilm::wikitext {

namespace {

// Where an open bracket ends: with `brace`, behind a single } that was meant to close it; with `cut`, in running text.
struct End {
  size_t at = 0;
  bool brace = false, cut = false;
};

// Scans forward from what is open, over pairs in one step. Two scans of a kind never look at the same byte. A scan of
// lines stops at the next bracket that is open and begins a line. One inside of a line ends where the next one does.
class EndFinder {
 public:
  EndFinder(std::string_view text, const Brackets& brackets)
      : text_(text), brackets_(brackets), open_(brackets.open()), ends_(open_.size()) {}

  // Returns an end for each open bracket.
  std::vector<End> run() {
    for (current_ = open_.size(); current_-- > 0;) ends_[current_] = end_of(open_[current_]);
    std::vector<size_t> around;  // what is open around a bracket ends behind it
    for (size_t i = 0; i < open_.size(); ++i) {
      while (!around.empty() && around.back() <= open_[i].at) around.pop_back();
      const size_t limit = around.empty() ? open_[i].limit : std::min(open_[i].limit, around.back());
      if (ends_[i].at > limit) ends_[i] = {.at = limit, .cut = ends_[i].cut};
      around.push_back(ends_[i].at);
    }
    return std::move(ends_);
  }

 private:
  End end_of(const OpenBracket& open) const {
    if (open.kind == Bracket::html_table) return {.at = end_of_html_table(open)};
    if (open.kind == Bracket::table) return {.at = end_of_table(open)};
    return begins_line(open.at) ? end_of_box(open) : end_in_line(open);
  }

  bool begins_line(size_t at) const {
    while (at > 0 && (text_[at - 1] == ' ' || is_left_out(text_[at - 1]))) --at;
    return at == 0 || text_[at - 1] == '\n';
  }

  // Returns the sign behind spaces at `at`; 0 at the limit.
  char first_sign(size_t at, size_t limit) const {
    while (at < limit && (text_[at] == ' ' || is_left_out(text_[at]))) ++at;
    return at < limit ? text_[at] : '\0';
  }
  static bool is_row(char sign) { return sign == '|' || sign == kBar || sign == '!' || sign == '}'; }

  // Returns the end of the line, or what is behind a single }.
  End line_end(size_t at, size_t limit) const {
    while (at < limit && text_[at] != '\n') {
      if (text_[at] == '}' && brackets_.kind(at) == Bracket::none) return {.at = at + 1, .brace = true};
      at = brackets_.kind(at) == Bracket::none ? at + 1 : brackets_.after(at);
    }
    return {.at = std::min(at, limit)};
  }

  End end_in_line(const OpenBracket& open) const {
    size_t next = current_ + 1;
    for (size_t at = open.at + 2; at < open.limit;) {
      while (next < open_.size() && open_[next].at < at) ++next;
      if (next < open_.size() && open_[next].at == at) return {.at = ends_[next].at, .cut = true};
      const char c = text_[at];
      if (c == '}' && brackets_.kind(at) == Bracket::none) return {.at = at + 1, .brace = true};
      if (c == '\n' && std::string_view("\n*#:;|\x03!={}\0", 12).find(first_sign(at + 1, open.limit)) != text::kNone)
        return {.at = at, .cut = true};
      at = brackets_.kind(at) == Bracket::none ? at + 1 : brackets_.after(at);
    }
    return {.at = open.limit, .cut = true};
  }

  // Tells whether the line at `at` begins with a bracket that is open, or is a heading.
  bool is_barrier(size_t at, size_t limit) const {
    at = std::min(text_.find_first_not_of(" \x01\x02", at), limit);
    if (at == limit) return true;
    if (text_[at] == '=') return true;
    const auto next = std::lower_bound(open_.begin() + std::ptrdiff_t(current_) + 1, open_.end(), at,
                                       [](const OpenBracket& open, size_t place) { return open.at < place; });
    return next != open_.end() && next->at == at;
  }

  End end_of_box(const OpenBracket& open) const {
    End last = line_end(open.at + 2, open.limit);
    if (last.brace) return last;
    for (size_t at = last.at; at < open.limit;) {
      const size_t line = at + 1;
      const bool goes_on = at == last.at && text_[at - 1] == '|';
      const char sign = first_sign(line, open.limit);
      if (sign == '\n') {  // parameters may follow a line without any
        const size_t below = text_.find_first_not_of(" \n\x01\x02", line);
        if (below == text::kNone || below >= open.limit || !is_row(text_[below])) break;
        at = text_.rfind('\n', below);
        continue;
      }
      if (is_barrier(line, open.limit)) break;
      const End end = line_end(line, open.limit);
      if (is_row(sign) || goes_on) last = end;
      if (end.brace && is_row(sign)) break;
      at = std::max(end.at, line);
      if (end.brace) at = std::min(text_.find('\n', at), open.limit);
    }
    return last;
  }

  size_t end_of_table(const OpenBracket& open) const {
    size_t last = std::min(text_.find('\n', open.at), open.limit);
    for (size_t at = last; at < open.limit;) {
      const size_t line = at + 1;
      const char sign = first_sign(line, open.limit);
      if (sign != '\n' && is_barrier(line, open.limit)) break;
      const size_t begin = std::min(text_.find_first_not_of(" \x01\x02", line), open.limit);
      if (begin < open.limit && brackets_.kind(begin) == Bracket::template_) {
        const std::string_view inside = text_.substr(begin + 2, brackets_.close(begin) - begin - 2);
        if (ends_table(inside.substr(0, inside.find('|')))) return brackets_.after(begin);
      }
      at = line;
      while (at < open.limit && text_[at] != '\n')
        at = brackets_.kind(at) == Bracket::none ? at + 1 : brackets_.after(at);
      at = std::min(at, open.limit);
      if (is_row(sign)) last = at;
    }
    return last;
  }

  // Returns the place before the first paragraph that does not begin with a tag, or before the next such table.
  size_t end_of_html_table(const OpenBracket& open) const {
    const auto other = std::find_if(open_.begin() + std::ptrdiff_t(current_) + 1, open_.end(),
                                    [](const OpenBracket& next) { return next.kind == Bracket::html_table; });
    const size_t limit = other == open_.end() ? open.limit : std::min(open.limit, other->at);
    const std::string_view text = text_.substr(0, limit);
    for (size_t at = text.find("\n\n", open.at); at != text::kNone;) {
      const size_t next = text.find_first_not_of(" \n\x01\x02", at);
      if (next == text::kNone || text[next] != '<') return at;
      at = text.find("\n\n", next);
    }
    return limit;
  }

  std::string_view text_;
  const Brackets& brackets_;
  const std::vector<OpenBracket>& open_;
  std::vector<End> ends_;
  size_t current_ = 0;  // the bracket whose end is looked for; those behind it have theirs
};

std::string_view closing(Bracket kind) {
  switch (kind) {
    case Bracket::table: return "|}";
    case Bracket::html_table: return "</table>";
    case Bracket::parameter: return "}}}";
    default: return "}}";
  }
}

}  // namespace

std::string close_open_brackets(std::string_view text, const Brackets& brackets) {
  const std::vector<OpenBracket>& open = brackets.open();
  const std::vector<End> ends = EndFinder(text, brackets).run();
  std::vector<size_t> order(open.size());  // by end, what is inside first
  for (size_t i = 0; i < order.size(); ++i) order[i] = order.size() - 1 - i;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return ends[a].at < ends[b].at; });
  std::string result;
  result.reserve(text.size() + 4 * order.size());
  size_t at = 0;
  for (const size_t i : order) {
    result += text.substr(at, ends[i].at - at);
    at = ends[i].at;
    if (open[i].kind == Bracket::table) result += '\n';
    if (ends[i].cut) result += kCut;
    result += closing(open[i].kind).substr(ends[i].brace);
  }
  return result += text.substr(at);
}

}  // namespace kilm::wikitext
