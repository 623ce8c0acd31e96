// What stands inside of lines: text, and the signs that begin markup.
#include <algorithm>
#include <array>

#include "kilm/languages/magic_words.h"
#include "kilm/text/character_references.h"
#include "kilm/text/characters.h"
#include "kilm/wikitext/names.h"
#include "kilm/wikitext/parser.h"
#include "kilm/wikitext/strip.h"

namespace kilm::wikitext {

namespace {

constexpr int kMaxDepth = 40;  // of links, templates and arguments in each other

constexpr std::array<bool, 256> markup_signs() {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("'&<[]{}_:\n-\x01\x02\x03")) table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kMarkupSigns = markup_signs();

// Tells whether one of the flags A;B hides what is behind them. Other flags name the variants that have it, as zh-hans.
bool hides(std::string_view flags) {
  for (size_t at = 0; at <= flags.size();) {
    const size_t end = std::min(flags.find(';', at), flags.size());
    const std::string_view flag = trimmed(flags.substr(at, end - at));
    if (flag == "H" || flag == "T" || flag == "D" || flag == "-") return true;
    at = end + 1;
  }
  return false;
}

}  // namespace

// Writes [at, end) to the output. With `one_line` it stops behind the first line end outside of brackets.
size_t Parser::write(size_t at, size_t end, bool one_line) {
  if (depth_ == kMaxDepth) {
    leave_out(Omission::too_much);
    return end;
  }
  ++depth_;
  while (at < end && !page_.exhausted()) {
    const size_t begin = at;
    while (at < end && !kMarkupSigns[static_cast<unsigned char>(page_.text[at])]) ++at;
    if (at > begin) out_->text(page_.view(begin, at));
    page_.work += int64_t(at - begin) + 1;
    if (at == end) break;
    if (page_.text[at] == '\n') {
      out_->text(" ");
      ++at;
      if (one_line) break;
    } else {
      at = std::min(sign(at, end), end);
    }
  }
  --depth_;
  return at;
}

size_t Parser::sign(size_t at, size_t end) {
  switch (page_.text[at]) {
    case '\'': return apostrophes(at);
    case '&': return character_reference(at);
    case '<': return tag(at, end);
    case '_': return magic_word(at);
    case ':': return bare_address(at, end);
    case kGap: out_->gap(); return at + 1;
    case kHole: out_->hole(); return at + 1;
    case kBar: out_->text("|"); return at + 1;
    case '-': return page_.brackets.kind(at) == Bracket::variant ? variant(at) : literal(at);
    case '[':
    case '{': return opening(at);
    default: return at + 2 <= end && (page_.at_text(at, "]]") || page_.at_text(at, "}}")) ? stray(at) : literal(at);
  }
}

size_t Parser::opening(size_t at) {
  switch (page_.brackets.kind(at)) {
    case Bracket::link: return link(at);
    case Bracket::external: external(at + 1, page_.brackets.close(at)); break;
    case Bracket::template_: template_call(at); return behind_template(at);
    case Bracket::parameter: parameter(at); break;
    case Bracket::table: leave_out_block(Omission::table); break;
    default:
      if (page_.at_text(at, "[[") && page_.brackets.kind(at + 1) != Bracket::link) return open_link(at);
      return page_.at_text(at, "{{") || page_.at_text(at, "{|") ? stray(at) : literal(at);
  }
  return page_.brackets.after(at);
}

size_t Parser::literal(size_t at) {
  out_->text(page_.view(at, at + 1));
  return at + 1;
}

size_t Parser::stray(size_t at) {
  article_.omissions.add(Omission::stray);
  return at + 2;
}

void Parser::leave_out(Omission omission) {
  article_.omissions.add(omission);
  out_->gap();
}

// Writes a hole of its own: a note on the word before it would touch that word.
void Parser::leave_out_word() {
  out_->text(" ");
  out_->hole();
}

// Drops the signs of bold and italic. A run that is longer keeps the apostrophes that it has too many.
size_t Parser::apostrophes(size_t at) {
  const size_t stop = std::min(page_.text.find_first_not_of('\'', at), page_.text.size());
  const size_t length = stop - at;
  if (length == 1) return literal(at);
  if (length == 4) out_->text("'");
  for (size_t i = 5; i < length; ++i) out_->text("'");
  return stop;
}

size_t Parser::character_reference(size_t at) {
  const text::CharacterReference found = text::character_reference_at(std::string_view(page_.text).substr(at, 40));
  if (found.bytes == 0) return literal(at);
  out_->text(found.text);
  return at + found.bytes;
}

size_t Parser::magic_word(size_t at) {
  const size_t begin = at + 2,
               size = std::string_view(page_.text).substr(at, languages::kLongestMagicWord + 4).find("__", 3);
  if (!page_.at_text(at, "__") || size == text::kNone || page_.text[begin] == '_') return literal(at);
  const size_t end = at + size, after = end + 2;
  const std::string_view name = page_.view(begin, end);
  if (!languages::is_magic_word(name) && !may_be_magic_word(name, at, after)) return literal(at);
  article_.disambiguation |= name == "DISAMBIG";
  leave_out(Omission::magic_word);
  return after;
}

// Tells whether a name is likely that of an extension which we do not know. It is in letters beyond ASCII, or in
// capitals on a line of its own. In a sentence, capitals may be a macro like __FILE__.
bool Parser::may_be_magic_word(std::string_view name, size_t at, size_t after) const {
  const bool capitals = std::all_of(name.begin(), name.end(),
                                    [](char c) { return text::is_upper(c) || c == '_' || text::is_beyond_ascii(c); });
  if (!capitals) return false;
  if (std::any_of(name.begin(), name.end(), text::is_beyond_ascii)) return true;
  return page_.alone_on_line(at, after);
}

// Writes x of -{zh-hans:x; zh-hant:y}-. Flags before a bar may hide it all.
size_t Parser::variant(size_t at) {
  const size_t close = page_.brackets.close(at);
  size_t begin = at + 2;
  const size_t bar = page_.find(begin, close, '|');
  if (bar < close) {
    if (hides(page_.view(begin, bar))) {
      leave_out(Omission::template_);
      return close + 2;
    }
    begin = bar + 1;
  }
  const size_t end = page_.find(begin, close, ';'), colon = page_.find(begin, end, ':');
  if (colon < end && is_language(trimmed(page_.view(begin, colon)))) {
    write(colon + 1, end);
  } else {
    write(begin, close);
  }
  return close + 2;
}

// Returns [begin, end) as prose of its own, with its links.
Paragraph Parser::written(size_t begin, size_t end) {
  Prose prose;
  Prose* const outer = std::exchange(out_, &prose);
  write(begin, end);
  out_ = outer;
  plain_lacks_word_ |= prose.has_hole();
  return prose.take_all();
}

}  // namespace kilm::wikitext
