#include "kilm/wikitext/brackets.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "kilm/text/characters.h"
#include "kilm/wikitext/names.h"
#include "kilm/wikitext/strip.h"
#include "tensor/base/error.h"

namespace kilm::wikitext {

namespace {

// In four bytes: a page may be nothing but what opens.
struct StackedBracket {
  StackedBracket(size_t at, Bracket kind) : at(at & Brackets::kMaxText), kind(kind) {}

  uint32_t at : 29;
  Bracket kind : 3;
};

// How addresses begin.
constexpr std::string_view kSchemes[] = {
    "http://", "https://", "//",       "ftp://",  "ftps://", "sftp://", "ssh://",    "git://", "svn://",
    "irc://",  "ircs://",  "news:",    "nntp://", "mailto:", "tel:",    "sms:",      "sip:",   "sips:",
    "xmpp:",   "magnet:",  "bitcoin:", "geo:",    "urn:",    "mms://",  "gopher://", "matrix:"};

// On the stack: a template that may have begun a table.
constexpr Bracket kBegun = Bracket::none;

class Matcher {
 public:
  Matcher(std::string_view text, std::vector<uint32_t>& partner, std::vector<OpenBracket>& unclosed)
      : text_(text), partner_(partner), unclosed_(unclosed) {}

  void run() {
    for (size_t at = 0; at < text_.size();) {
      switch (text_[at]) {
        case '[': at = open_square(at); break;
        case ']': at = close_square(at); break;
        case '{': at = open_brace(at); break;
        case '}': at = close_brace(at); break;
        case '|':
        case kBar: at = close_table(at); break;
        case '-': at = open_variant(at); break;
        case '<': at = html_table(at); break;
        case '\n': at = line_end(at); break;
        default: ++at;
      }
    }
    while (!stack_.empty()) leave_open(pop(), text_.size());
    std::sort(unclosed_.begin(), unclosed_.end(),
              [](const OpenBracket& a, const OpenBracket& b) { return a.at < b.at; });
  }

 private:
  bool at_text(size_t at, std::string_view what) const { return text_.compare(at, what.size(), what) == 0; }

  size_t run_end(size_t at) const {
    size_t end = at;
    while (end < text_.size() && text_[end] == text_[at]) ++end;
    return end;
  }

  static bool is_bar(char c) { return c == '|' || c == kBar; }

  // Tells whether only signs that may stand before a table lie between the start of the line and `at`.
  bool line_start(size_t at) const {
    while (at > 0 && (text_[at - 1] == ' ' || text_[at - 1] == ':' || text_[at - 1] == kGap)) --at;
    return at == 0 || text_[at - 1] == '\n';
  }

  void push(size_t at, Bracket kind) {
    stack_.push_back({at, kind});
    ++open_[size_t(kind)];
  }

  StackedBracket pop() {
    const StackedBracket top = stack_.back();
    stack_.pop_back();
    --open_[size_t(top.kind)];
    return top;
  }

  void leave_open(const StackedBracket& open, size_t limit) {
    const bool should_close = open.kind == Bracket::template_ || open.kind == Bracket::parameter ||
                              open.kind == Bracket::table || open.kind == Bracket::html_table;
    if (should_close && unclosed_.size() < Brackets::kMaxOpen) unclosed_.push_back({open.at, open.kind, limit});
  }

  bool top_is(Bracket kind) const { return !stack_.empty() && stack_.back().kind == kind; }

  void pair(const StackedBracket& open, size_t close) { partner_[open.at] = uint32_t(close << 3 | size_t(open.kind)); }

  // Closes the nearest open bracket of this kind; what opened inside of it and is open still stays without partner.
  bool close_nearest(Bracket kind, size_t close) {
    if (open_[size_t(kind)] == 0) return false;
    while (!top_is(kind)) leave_open(pop(), close);
    pair(pop(), close);
    return true;
  }

  // Closes a table, or what a template began.
  bool close_nearest_table(size_t close) {
    if (open_[size_t(Bracket::table)] > 0 || open_[size_t(kBegun)] == 0) return close_nearest(Bracket::table, close);
    while (!top_is(kBegun)) leave_open(pop(), close);
    pair({pop().at, Bracket::table}, close);
    return true;
  }

  // Tells whether an address begins at `at`: a scheme in any case, and a sign.
  bool is_address(size_t at) const {
    const auto is = [&](std::string_view scheme) {
      size_t i = 0;
      while (i < scheme.size() && at + i < text_.size() && text::to_lower(text_[at + i]) == scheme[i]) ++i;
      return i == scheme.size() && at + i < text_.size() &&
             std::string_view("[]<>\" \n").find(text_[at + i]) == text::kNone;
    };
    return std::any_of(std::begin(kSchemes), std::end(kSchemes), is);
  }

  // Takes the first bracket of an odd run for text: [[[a]]] is a link in brackets.
  size_t open_square(size_t at) {
    const size_t end = run_end(at);
    if (end - at == 1) {
      if (is_address(end))
        push(at, Bracket::external);
      else
        single_ = at;
      return end;
    }
    for (size_t i = at + (end - at) % 2; i < end; i += 2) push(i, Bracket::link);
    return end;
  }

  // Lets the first of ]]] close a single bracket inside of the link, if one is open there.
  size_t close_square(size_t at) {
    if (top_is(Bracket::external)) {
      pair(pop(), at);
      return at + 1;
    }
    if (!at_text(at, "]]") ||
        (at_text(at, "]]]") && single_ != text::kNone && top_is(Bracket::link) && single_ > stack_.back().at)) {
      single_ = text::kNone;
      return at + 1;
    }
    if (top_is(Bracket::link)) pair(pop(), at);
    return at + 2;
  }

  // Opens a run of braces. An odd one of three and more ends with a parameter: {{{{{a}}}}} is a template around one.
  size_t open_brace(size_t at) {
    const size_t end = run_end(at);
    if (end - at == 1) {
      if (end < text_.size() && is_bar(text_[end]) && line_start(at)) push(at, Bracket::table);
      return end;
    }
    size_t i = at;
    for (; end - i >= 2 && end - i != 3; i += 2) push(i, Bracket::template_);
    if (end - i == 3) push(i, Bracket::parameter);
    return end;
  }

  size_t close_brace(size_t at) {
    if (at_text(at, "}-") && top_is(Bracket::variant)) {
      pair(pop(), at);
      return at + 2;
    }
    if (!at_text(at, "}}")) return at + 1;
    while (top_is(Bracket::external) || top_is(Bracket::link) || top_is(Bracket::variant)) pop();
    if (top_is(Bracket::parameter)) {
      const StackedBracket open = pop();
      if (at_text(at, "}}}")) {
        pair(open, at);
        return at + 3;
      }
      pair({open.at + 1u, Bracket::template_}, at);  // a brace before a template
      return at + 2;
    }
    if (open_[size_t(Bracket::template_)] > 0) {
      while (!top_is(Bracket::template_)) leave_open(pop(), at);
      const StackedBracket open = pop();
      pair(open, at);
      begin_or_end_table(open.at, at);
    }
    return at + 2;
  }

  // Looks at a template on lines of its own, outside of tables and other templates. Above rows it may have begun a
  // table; one by the name of an end ends what was begun.
  void begin_or_end_table(size_t open, size_t close) {
    if (open_[size_t(Bracket::template_)] + open_[size_t(Bracket::table)] > 0 || !line_start(open)) return;
    if (open_[size_t(kBegun)] > 0) {
      const std::string_view inside = text_.substr(open + 2, close - open - 2);
      if (ends_table(inside.substr(0, inside.find('|')))) close_nearest_table(close);
      return;
    }
    const size_t next = text_.find_first_not_of(" \x01\x02", close + 2);
    if (next == text::kNone || text_[next] != '\n') return;
    const size_t row = text_.find_first_not_of(' ', next + 1);
    if (row != text::kNone && (is_bar(text_[row]) || text_[row] == '!')) push(open, kBegun);
  }

  // Closes a table. |}} ends a template with an empty argument, but |}}} a table in a template.
  size_t close_table(size_t at) {
    if (!at_text(at + 1, "}")) return at + 1;
    if (run_end(at + 1) - at == 3 || !line_start(at)) return at + 1;
    return close_nearest_table(at) ? at + 2 : at + 1;
  }

  size_t open_variant(size_t at) {
    if (at_text(at, "-{") && !at_text(at, "-{{")) {
      push(at, Bracket::variant);
      return at + 2;
    }
    return at + 1;
  }

  size_t html_table(size_t at) {
    const auto is_table = [&](size_t name) {
      constexpr std::string_view kTable = "table";
      for (size_t i = 0; i < kTable.size(); ++i)
        if (name + i >= text_.size() || (text_[name + i] | 0x20) != kTable[i]) return false;
      const size_t next = name + kTable.size();
      return next < text_.size() && (text_[next] == ' ' || text_[next] == '>' || text_[next] == '\n');
    };
    if (is_table(at + 1)) push(at, Bracket::html_table);
    if (at_text(at, "</") && is_table(at + 2)) close_nearest(Bracket::html_table, at);
    return at + 1;
  }

  // Ends external links with their line, and others with their paragraph.
  size_t line_end(size_t at) {
    while (top_is(Bracket::external)) pop();
    if (at_text(at, "\n\n") || at_text(at, "\n="))
      while (top_is(Bracket::link) || top_is(Bracket::external) || top_is(Bracket::variant)) pop();
    if (at_text(at, "\n=") && is_heading(at + 1)) end_section(at);
    return at + 1;
  }

  bool is_heading(size_t at) const {
    const size_t eol = std::min(text_.find('\n', at), text_.size());
    const size_t last = text_.substr(0, eol).find_last_not_of(" \x01\x02");
    return at_text(at, "==") && last > at + 2 && text_[last] == '=';
  }

  // Ends a section. A heading stands in no template and no table that a template began: those should have been closed.
  void end_section(size_t at) {
    while (!stack_.empty() && !top_is(Bracket::table) && !top_is(Bracket::html_table)) leave_open(pop(), at);
  }

  std::string_view text_;
  std::vector<uint32_t>& partner_;
  std::vector<OpenBracket>& unclosed_;
  std::vector<StackedBracket> stack_;
  std::array<size_t, 8> open_{};  // on the stack, by kind
  size_t single_ = text::kNone;   // the last single bracket that is text, until one closes it
};

}  // namespace

Brackets::Brackets(std::string_view text) {
  if (text.size() > kMaxText) base::fail("wikitext: a page of " + std::to_string(text.size()) + " bytes is too long");
  partner_.resize(text.size());
  Matcher(text, partner_, open_).run();
}

size_t Brackets::width(Bracket bracket) {
  switch (bracket) {
    case Bracket::external: return 1;
    case Bracket::parameter: return 3;
    case Bracket::html_table: return 8;  // </table>
    default: return 2;
  }
}

}  // namespace kilm::wikitext
