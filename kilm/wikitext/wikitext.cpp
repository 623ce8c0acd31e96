#include "kilm/wikitext/wikitext.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "kilm/languages/link_letters.h"
#include "kilm/languages/magic_words.h"
#include "kilm/languages/sentence_rules.h"
#include "kilm/languages/variables.h"
#include "kilm/text/character_references.h"
#include "kilm/text/characters.h"
#include "kilm/text/sentence.h"
#include "kilm/text/unicode.h"
#include "kilm/wikitext/brackets.h"
#include "kilm/wikitext/leaning.h"
#include "kilm/wikitext/names.h"
#include "kilm/wikitext/parser_functions.h"
#include "kilm/wikitext/prose.h"
#include "kilm/wikitext/strip.h"
#include "kilm/wikitext/superscript.h"
#include "kilm/wikitext/templates.h"
#include "kilm/wikitext/unclosed.h"

namespace kilm::wikitext {

namespace {

constexpr size_t kMaxPage = size_t(64) << 20;  // bytes; MediaWiki allows 2 MiB
constexpr int kMaxDepth = 40;                  // of links, templates and arguments in each other
constexpr size_t kMaxName = 200;               // bytes of the name of a template
constexpr int kTemplates = 10;                 // the namespace of templates
constexpr int64_t kWorkPerByte = 16;           // real pages need about 3

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \n\x01\x02");
  return begin == text::kNone ? std::string_view{}
                              : text.substr(begin, text.find_last_not_of(" \n\x01\x02") - begin + 1);
}

bool has_words(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return text::is_letter(c) || text::is_beyond_ascii(c); });
}

constexpr std::array<bool, 256> specials() {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("'&<[]{}_:\n-\x01\x02\x03")) table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kSpecial = specials();

class Parser {
 public:
  Parser(std::string text, Brackets brackets, const languages::Site& site, std::string_view title, Article& article)
      : text_(std::move(text)),
        brackets_(std::move(brackets)),
        site_(site),
        letters_(site.language),
        title_(title),
        article_(article),
        work_limit_(kWorkPerByte * int64_t(text_.size()) + 1000) {}

  void run() {
    for (size_t at = 0; at < text_.size() && !exhausted();) at = line(at);
    if (exhausted()) article_.omissions.add(Omission::too_much);
    end_section();
    article_.work += work_ + 2 * int64_t(text_.size());  // with the pairing and its table
  }

 private:
  // --- Lines: what begins one decides what it is ---------------------------------------------------------------------

  size_t line(size_t at) {
    size_t first = at;
    while (first < text_.size() && (text_[first] == ' ' || is_left_out(text_[first]))) ++first;
    work_ += int64_t(first - at);
    if (first == text_.size() || text_[first] == '\n') {
      end_paragraph();
      if (view(at, first).find(kHole) != text::kNone) block_left_out();  // a formula on its own
      return first + 1;
    }
    const bool preformatted =
        text_[at] == ' ' && (std::string_view("{[<").find(text_[first]) == text::kNone || words_at(first));
    switch (text_[first]) {
      case '=':
        if (const size_t next = heading(first)) return next;
        break;
      case '*':
      case '#':
      case ';': return leave_out_line(first, Omission::list_item);
      case ':': return leave_out_line(first, Omission::indented);
      case '|':
      case kBar:
      case '!': return leave_out_line(first, Omission::stray);
      case '-':
        if (text_.compare(first, 4, "----") == 0) {
          end_paragraph();
          at = std::min(text_.find_first_not_of('-', first), text_.size());
        }
        break;
      default: break;
    }
    if (preformatted) return leave_out_line(first, Omission::indented);
    line_begin_ = prose_.size();
    return write(at, text_.size(), true);
  }

  // Whether a template stands there that writes words, and no box.
  bool words_at(size_t at) {
    return brackets_.kind(at) == Bracket::template_ &&
           template_role(template_name(trimmed(view(at + 2, find(at + 2, brackets_.close(at), '|')))),
                         site_.language) == TemplateRole::words;
  }

  size_t leave_out_line(size_t at, Omission omission) {
    end_paragraph();
    article_.omissions.add(omission);
    block_left_out();
    return skip_line(at);
  }

  size_t skip_line(size_t at) { return std::min(line_end(at), text_.size() - 1) + 1; }

  // The first line end outside of brackets and tags, or the end of the text.
  size_t line_end(size_t at) {
    while (at < text_.size() && text_[at] != '\n') {
      ++work_;
      if (text_[at] == '<' && brackets_.kind(at) == Bracket::none)
        at = behind_tag(at);
      else
        at = brackets_.kind(at) == Bracket::none ? at + 1 : brackets_.after(at);
    }
    return std::min(at, text_.size());
  }

  // Behind a tag of HTML at `at`; behind the < if it is none.
  size_t behind_tag(size_t at) {
    const size_t begin = at + 1 + at_text(at + 1, "/");
    const size_t end = std::min(text_.find_first_of("<>", at + 1), text_.size());
    work_ += int64_t(end - at);
    size_t name_end = begin;
    while (name_end < end && (text::is_letter(text_[name_end]) || text::is_digit(text_[name_end]))) ++name_end;
    if (end == text_.size() || text_[end] != '>' || name_end - begin > 16) return at + 1;
    return tag_kind(text::lower_case(view(begin, name_end))) == Tag::unknown ? at + 1 : end + 1;
  }

  // The line behind a heading; 0 if the line is none.
  size_t heading(size_t at) {
    const size_t eol = line_end(at);
    size_t end = eol;
    while (end > at && (text_[end - 1] == ' ' || is_left_out(text_[end - 1]))) --end;
    size_t level = 0, closing = 0;
    while (at + level < end && text_[at + level] == '=' && level < 6) ++level;
    while (end - closing > at + level && text_[end - closing - 1] == '=' && closing < 6) ++closing;
    level = std::min(level, closing);
    if (level == 0) return 0;
    end_section();
    const std::string name = plain(at + level, end - level);
    if (tail_level_ == 0 || level <= tail_level_) tail_level_ = is_tail_section(name) ? level : 0;
    if (!name.empty()) section_ = name;
    return eol + 1;
  }

  void end_paragraph() {
    Paragraph paragraph = prose_.take(site_.language);
    const int64_t dropped = prose_.dropped_sentences();
    article_.lacks_first_sentence |= article_.paragraphs.empty() && section_.empty() && prose_.dropped_first();
    for (int64_t n = dropped; n > 0; --n) article_.omissions.add(Omission::sentence);
    line_begin_ = 0;
    if (!has_words(paragraph.text)) {
      if (dropped > 0) block_left_out();
      return;
    }
    if (tail_level_ > 0) return article_.omissions.add(Omission::tail);
    if (broken_ && drop_continuation(paragraph, site_.language)) {
      article_.omissions.add(Omission::sentence);
      if (paragraph.text.empty()) return;
    }
    if (awaited() && !broken_) {
      append_to_lead_in(article_.paragraphs.back(), std::move(paragraph));
    } else {
      paragraph.section = section_;
      article_.paragraphs.push_back(std::move(paragraph));
    }
    leans_ = true;
    broken_ = dropped > 0;
  }

  void end_section() {
    end_paragraph();
    if (awaited()) block_left_out();  // an image, a map
    leans_ = broken_ = false;
  }

  // Whether the paragraph before announces what comes.
  bool awaited() const {
    if (!leans_) return false;
    const std::string& text = article_.paragraphs.back().text;
    return text.ends_with(':') || text.ends_with("：");
  }

  // The paragraph before a list, table or formula may lean on it. The first sentence of an article stays: what its
  // subject is, is said nowhere else.
  void block_left_out() {
    if (!std::exchange(leans_, false)) return;
    broken_ = true;
    Paragraph& paragraph = article_.paragraphs.back();
    const bool tells_what_it_is =
        article_.paragraphs.size() == 1 &&
        text::sentence_ends(paragraph.text, languages::sentence_rules(site_.language), text::Quotations::whole)
                .size() == 1;
    if (tells_what_it_is || !drop_lead_in(paragraph, site_.language)) return;
    article_.omissions.add(Omission::sentence);
    if (paragraph.text.empty()) article_.paragraphs.pop_back();
  }

  // --- Inside of lines
  // -------------------------------------------------------------------------------------------------

  bool exhausted() const { return work_ > work_limit_; }

  // Writes [at, end) to the output. With `one_line`, up to the first line end outside of brackets; returns what
  // follows.
  size_t write(size_t at, size_t end, bool one_line = false) {
    if (depth_ == kMaxDepth) {
      leave_out(Omission::too_much);
      return end;
    }
    ++depth_;
    while (at < end && !exhausted()) {
      const size_t begin = at;
      while (at < end && !kSpecial[static_cast<unsigned char>(text_[at])]) ++at;
      if (at > begin) out_->text(view(begin, at));
      work_ += int64_t(at - begin) + 1;
      if (at == end) break;
      if (text_[at] == '\n') {
        out_->text(" ");
        ++at;
        if (one_line) break;
      } else {
        at = std::min(special(at, end), end);
      }
    }
    --depth_;
    return at;
  }

  std::string_view view(size_t begin, size_t end) const { return std::string_view(text_).substr(begin, end - begin); }
  bool at_text(size_t at, std::string_view what) const { return text_.compare(at, what.size(), what) == 0; }

  // The first `c` in [at, end) outside of brackets, or end.
  size_t find(size_t at, size_t end, char c) { return find_either(at, end, c, c); }
  // The same for the bar of a link, which {{!}} writes as well.
  size_t find_bar(size_t at, size_t end) { return find_either(at, end, '|', kBar); }

  size_t find_either(size_t at, size_t end, char a, char b) {
    while (at < end && text_[at] != a && text_[at] != b) {
      ++work_;
      at = brackets_.kind(at) == Bracket::none ? at + 1 : brackets_.after(at);
    }
    return std::min(at, end);
  }

  // Handles the sign at `at` and returns where to go on.
  size_t special(size_t at, size_t end) {
    switch (text_[at]) {
      case '\'': return apostrophes(at);
      case '&': return character_reference(at);
      case '<': return tag(at, end);
      case '_': return magic_word(at);
      case ':': return bare_address(at, end);
      case kGap: out_->gap(); return at + 1;
      case kHole: out_->hole(); return at + 1;
      case kBar: out_->text("|"); return at + 1;
      case '-': return brackets_.kind(at) == Bracket::variant ? variant(at) : literal(at);
      case '[':
      case '{': return opening(at);
      default: return at + 2 <= end && (at_text(at, "]]") || at_text(at, "}}")) ? stray(at) : literal(at);
    }
  }

  size_t literal(size_t at) {
    out_->text(view(at, at + 1));
    return at + 1;
  }

  size_t stray(size_t at) {
    article_.omissions.add(Omission::stray);
    return at + 2;
  }

  void leave_out(Omission omission) {
    article_.omissions.add(omission);
    out_->gap();
  }

  size_t opening(size_t at) {
    switch (brackets_.kind(at)) {
      case Bracket::link: return link(at);
      case Bracket::external: external(at + 1, brackets_.close(at)); break;
      case Bracket::template_: template_call(at); return behind_template(at);
      case Bracket::parameter: parameter(at); break;
      case Bracket::table: leave_out_block(Omission::table); break;
      default:
        if (at_text(at, "[[") && brackets_.kind(at + 1) != Bracket::link) return open_link(at);
        return at_text(at, "{{") || at_text(at, "{|") ? stray(at) : literal(at);
    }
    return brackets_.after(at);
  }

  // Of a box that ends in }}} the last brace is none of the text.
  size_t behind_template(size_t at) {
    const size_t after = brackets_.after(at);
    const bool begins_line = at == 0 || text_[at - 1] == '\n';
    return begins_line && at_text(after, "}") && alone_on_line(at, after + 1) ? stray(after) - 1 : after;
  }

  // {{{1|a}}} writes a: a page has no arguments.
  void parameter(size_t at) {
    const size_t close = brackets_.close(at), bar = find(at + 3, close, '|');
    if (bar == close) return leave_out(Omission::template_);
    write(bar + 1, find(bar + 1, close, '|'));
  }

  // Of a link that is never closed only the label is text; of a file, nothing in its line.
  size_t open_link(size_t at) {
    const size_t begin = at + 2, end = std::min(text_.find_first_of("[]{}|\n\x03", begin), text_.size());
    work_ += int64_t(end - begin);
    const std::string_view raw = trimmed(view(begin, std::min(end, begin + 300)));
    const PageKind place = kind_of_page(languages::normalise_title(raw), raw, raw.starts_with(':'), true);
    if (place.gone == Omission::image || place.gone == Omission::category) {
      leave_out(*place.gone);
      return behind_caption(end);
    }
    article_.omissions.add(Omission::stray);
    return end < text_.size() && (text_[end] == '|' || text_[end] == kBar) ? end + 1 : begin;
  }

  // A caption of several paragraphs ends where its link does, if that is near; else with its line.
  size_t behind_caption(size_t at) {
    constexpr size_t kFar = 3000;
    const size_t limit = std::min(text_.size(), at + kFar);
    for (size_t next = at; next < limit;) {
      ++work_;
      if (brackets_.kind(next) != Bracket::none) {
        next = brackets_.after(next);
        continue;
      }
      if (at_text(next, "]]")) return next + 2;
      if (at_text(next, "[[") || at_text(next, "\n=")) break;
      ++next;
    }
    return std::min(find(at, text_.size(), '\n'), text_.size());
  }

  void leave_out_block(Omission omission) {
    article_.omissions.add(omission);
    paragraph_ends();
    if (out_ == &prose_) block_left_out();
  }

  // Where a block begins or ends: in a line of the page its paragraph does, inside of an argument there is a space.
  void paragraph_ends() {
    if (out_ == &prose_) {
      end_paragraph();
    } else {
      out_->text(" ");
    }
  }

  // Bold and italic go; of runs that mean more than that, apostrophes stay.
  size_t apostrophes(size_t at) {
    const size_t stop = std::min(text_.find_first_not_of('\'', at), text_.size());
    const size_t length = stop - at;
    if (length == 1) return literal(at);
    if (length == 4) out_->text("'");
    for (size_t i = 5; i < length; ++i) out_->text("'");
    return stop;
  }

  size_t character_reference(size_t at) {
    const text::CharacterReference found = text::character_reference_at(std::string_view(text_).substr(at, 40));
    if (found.bytes == 0) return literal(at);
    out_->text(found.text);
    return at + found.bytes;
  }

  size_t magic_word(size_t at) {
    const size_t begin = at + 2,
                 size = std::string_view(text_).substr(at, languages::kLongestMagicWord + 4).find("__", 3);
    if (!at_text(at, "__") || size == text::kNone || text_[begin] == '_') return literal(at);
    const size_t end = at + size, after = end + 2;
    const std::string_view name = view(begin, end);
    if (!languages::is_magic_word(name) && !may_be_magic_word(name, at, after)) return literal(at);
    article_.disambiguation |= name == "DISAMBIG";
    leave_out(Omission::magic_word);
    return after;
  }

  // Of an extension that we do not know: capitals on a line of their own, where a macro like __FILE__ is in a sentence,
  // or letters beyond ASCII.
  bool may_be_magic_word(std::string_view name, size_t at, size_t after) const {
    const bool capitals = std::all_of(name.begin(), name.end(),
                                      [](char c) { return text::is_upper(c) || c == '_' || text::is_beyond_ascii(c); });
    if (!capitals) return false;
    if (std::any_of(name.begin(), name.end(), text::is_beyond_ascii)) return true;
    return alone_on_line(at, after);
  }

  // -{zh-hans:x; zh-hant:y}- says x. Flags before a bar may hide it all.
  size_t variant(size_t at) {
    const size_t close = brackets_.close(at);
    size_t begin = at + 2;
    const size_t bar = find(begin, close, '|');
    if (bar < close) {
      if (hides(view(begin, bar))) {
        leave_out(Omission::template_);
        return close + 2;
      }
      begin = bar + 1;
    }
    const size_t end = find(begin, close, ';'), colon = find(begin, end, ':');
    if (colon < end && is_language(trimmed(view(begin, colon)))) {
      write(colon + 1, end);
    } else {
      write(begin, close);
    }
    return close + 2;
  }

  // Whether one of the flags A;B hides what is behind them. Others are the variants that it is in: zh-hans.
  static bool hides(std::string_view flags) {
    for (size_t at = 0; at <= flags.size();) {
      const size_t end = std::min(flags.find(';', at), flags.size());
      const std::string_view flag = trimmed(flags.substr(at, end - at));
      if (flag == "H" || flag == "T" || flag == "D" || flag == "-") return true;
      at = end + 1;
    }
    return false;
  }

  // --- HTML
  // ------------------------------------------------------------------------------------------------------------

  size_t tag(size_t at, size_t end) {
    if (brackets_.kind(at) == Bracket::html_table) {
      leave_out_block(Omission::table);
      return brackets_.after(at);
    }
    const size_t begin = at + 1 + at_text(at + 1, "/");
    size_t name_end = begin;
    while (name_end < end && (text::is_letter(text_[name_end]) || text::is_digit(text_[name_end])) &&
           name_end - begin < 16)
      ++name_end;
    if (at_text(name_end, "-") && text::lower_case(view(begin, name_end)) == "mainpage")  // of Fandom
      name_end = std::min(text_.find_first_of(" <>/\n", name_end), text_.size());
    const size_t close = std::min(text_.find_first_of("<>", name_end), text_.size());
    work_ += int64_t(close - at);
    const bool named = name_end > begin && text::is_letter(text_[begin]);
    if (!named || close >= end || text_[close] != '>' || std::string_view(" />\n").find(text_[name_end]) == text::kNone)
      return literal(at);
    const std::string name = text::lower_case(view(begin, name_end));
    if (is_reading(name) && begin == at + 1) return behind_reading(close + 1, end);
    if ((name == "sup" || name == "sub") && begin == at + 1) {
      if (const size_t next = raised_or_lowered(name, at, close + 1)) return next;
    }
    switch (tag_kind(name)) {
      case Tag::inline_: break;
      case Tag::space: out_->text(" "); break;
      case Tag::block: paragraph_ends(); break;
      case Tag::item:
        paragraph_ends();
        if (out_ != &prose_ || begin > at + 1) break;
        article_.omissions.add(Omission::list_item);
        block_left_out();
        return skip_line(close + 1) - 1;
      case Tag::unknown: article_.omissions.add(Omission::tag); break;
    }
    return close + 1;
  }

  // Of characters, in <ruby>: no part of the word.
  static bool is_reading(std::string_view name) { return name == "rt" || name == "rp" || name == "rtc"; }

  // The tag that ends a reading whose inside begins at `at`. One that is nowhere near has none.
  size_t behind_reading(size_t at, size_t end) {
    constexpr size_t kFar = 1000;
    const size_t far = std::min(end, at + kFar);
    for (size_t next = text_.find('<', at); next < far; next = text_.find('<', next + 1)) {
      const std::string tag = text::lower_case(view(next, std::min(next + 7, far)));
      for (const std::string_view stop : {"</rt", "<rt", "</rp", "<rp", "<rb", "</rb", "</ruby"})
        if (tag.starts_with(stop)) {
          work_ += int64_t(next - at);
          article_.omissions.add(Omission::tag);
          return next;
        }
    }
    work_ += int64_t(far - at);
    return at;
  }

  // Whether a number ends at `at`, decimal or hexadecimal: 20 or 7E.
  bool ends_number(size_t at) const {
    if (at > 1 && text_[at - 1] >= 'A' && text_[at - 1] <= 'F') --at;
    return at > 0 && text::is_digit(text_[at - 1]);
  }

  // Writes a number in <sup>, or in <sub> behind a number, and returns what is behind it; 0 if it is none. One that is
  // not known is missing from its word. The tag is at `at`, its inside at `begin`.
  size_t raised_or_lowered(const std::string& name, size_t at, size_t begin) {
    const size_t end = std::min(text_.find('<', begin), text_.size());
    if (end - begin > 80 || !at_text(end, "</" + name + ">")) return 0;
    const bool outer = std::exchange(plain_lacks_word_, false);
    const std::string inside = plain(begin, end);
    const bool lacks_word = std::exchange(plain_lacks_word_, outer);
    const std::string number = name == "sup" ? superscript(inside) : subscript(inside);
    if (lacks_word && out_->ends_in_word()) {
      word_left_out();
    } else {
      if (lacks_word || number.empty() || (name == "sub" && !ends_number(at))) return 0;
      out_->text(number);
    }
    return end + name.size() + 3;
  }

  // --- Links
  // -----------------------------------------------------------------------------------------------------------

  static bool is_url(std::string_view target) {
    return target.starts_with("http:") || target.starts_with("https:") || target.starts_with("//") ||
           target.starts_with("ftp:") || target.starts_with("mailto:");
  }

  // [url label], the inside at [begin, end).
  void external(size_t begin, size_t end) {
    const std::string_view label = trimmed(view(address_end(begin, end), end));
    if (label.empty()) return leave_out(Omission::url);
    write(size_t(label.data() - text_.data()), end);
  }

  // An address in the text, the colon of its scheme at `at`, is a word that is left out.
  size_t bare_address(size_t at, size_t end) {
    size_t begin = at;
    while (begin > 0 && at - begin < 6 && (text::is_letter(text_[begin - 1]) || text::is_digit(text_[begin - 1])))
      --begin;
    const std::string_view scheme = view(begin, at);
    const std::string lower = text::lower_case(scheme);
    const size_t host = at + 3;
    if (!at_text(at, "://") || (lower != "http" && lower != "https" && lower != "ftp")) return literal(at);
    size_t stop = address_end(host, end);
    const bool opens = view(host, stop).find('(') != text::kNone;
    while (stop > host && std::string_view(opens ? ",;.:!?" : ",;.:!?)").find(text_[stop - 1]) != text::kNone) --stop;
    if (stop == host || !out_->take_back(scheme)) return literal(at);
    article_.omissions.add(Omission::url);
    out_->hole();
    return stop;
  }

  // Where an address ends: at a space or a sign that none has, or at markup. Templates in it are part of it.
  size_t address_end(size_t at, size_t end) {
    while (at < end) {
      ++work_;
      const char c = text_[at];
      if (c == ' ' || c == '<' || c == '>' || c == '"' || c == '[' || is_left_out(c) || at_text(at, "''") ||
          at_text(at, "&lt;") || at_text(at, "&gt;") || at_text(at, "\u3000"))
        break;
      at = brackets_.kind(at) == Bracket::none ? at + 1 : brackets_.after(at);
    }
    return std::min(at, end);
  }

  // Returns what is behind the link and the letters that belong to it.
  size_t link(size_t at) {
    const size_t begin = at + 2, close = brackets_.close(at), after = close + 2;
    const size_t bar = find_bar(begin, close);
    const std::string_view raw = trimmed(view(begin, bar));
    if (is_url(raw)) {
      external(begin, close);
      return after;
    }
    const bool broken = raw.find_first_of("[]{}<>\n") != text::kNone;
    std::string target = broken ? "" : languages::normalise_title(raw, site_.first_letter);
    target = target.substr(0, target.find('#'));
    while (target.ends_with(' ')) target.pop_back();
    const bool colon = target.starts_with(':');
    if (colon) target = languages::normalise_title(std::string_view(target).substr(1), site_.first_letter);

    const PageKind place = kind_of_page(broken ? written_target(begin, bar) : target, raw, colon,
                                        bar < close || !alone_on_line(at, after));
    if (place.gone) {
      leave_out(*place.gone);
      return after;
    }
    const bool is_link = place.article && !target.empty() && !inside_link_;
    if (is_link) out_->begin_link(view(letters_.prefix_begin(std::string_view(text_).substr(0, at), at), at));
    const bool outer = std::exchange(inside_link_, inside_link_ || is_link);
    surface(begin, bar, close, raw, broken);
    inside_link_ = outer;
    const size_t trail = letters_.trail_end(text_, after);
    out_->text(view(after, trail));
    if (is_link) out_->end_link(std::move(target));
    return trail;
  }

  // A target as its templates write it. They may be unknown, so that it tells no more than the kind of page.
  std::string written_target(size_t begin, size_t end) {
    const std::string target = languages::normalise_title(plain(begin, end), site_.first_letter);
    return target.starts_with(':') ? "" : target;
  }

  struct PageKind {
    bool article = true;
    std::optional<Omission> gone;  // set: neither link nor surface
  };

  // Whether nothing shares its line with what lies at [begin, end).
  bool alone_on_line(size_t begin, size_t end) const {
    const auto is_blank = [](char c) { return c == ' ' || is_left_out(c); };
    while (begin > 0 && is_blank(text_[begin - 1])) --begin;
    while (end < text_.size() && is_blank(text_[end])) ++end;
    return (begin == 0 || text_[begin - 1] == '\n') && (end == text_.size() || text_[end] == '\n');
  }

  // Whether a target is a path as in ../x, which no page is named.
  static bool is_relative(std::string_view target) {
    return target.starts_with("./") || target.starts_with("../") || target.find("/./") != text::kNone ||
           target.find("/../") != text::kNone;
  }

  // What kind of page a target is on. A colon before it turns what would act on the page into plain text. A page of
  // this or another project is `told` of where a sentence names it; on a line of its own the link is a hint for
  // readers.
  PageKind kind_of_page(const std::string& target, std::string_view raw, bool colon, bool told) const {
    const PageKind named{.article = false}, hint{.article = false, .gone = Omission::interwiki};
    if (is_relative(target)) return named;
    const size_t end = target.find(':');
    if (end == text::kNone || end == 0) return {};
    const std::string_view prefix = trimmed(std::string_view(target).substr(0, end));
    if (const std::optional<int> key = site_.namespaces.find(prefix)) {
      if (colon) return named;
      if (*key == languages::Namespaces::kFile) return {.article = false, .gone = Omission::image};
      if (*key == languages::Namespaces::kCategory) return {.article = false, .gone = Omission::category};
      return told ? named : hint;
    }
    const size_t raw_end = raw.find(':', raw.starts_with(':'));
    const std::string_view written = trimmed(raw.substr(raw.starts_with(':'), raw_end - raw.starts_with(':')));
    if (is_project(text::lower_case(written))) return told || colon ? named : hint;
    if (!is_language_prefix(written)) return {};
    return colon ? named : hint;
  }

  // What a link shows: the part behind the last bar; behind an empty one the target without namespace and without what
  // tells it apart (the pipe trick); without a bar the target.
  void surface(size_t begin, size_t bar, size_t close, std::string_view raw, bool broken) {
    if (bar < close) {
      size_t from = bar + 1;
      for (size_t next = find_bar(from, close); next < close; next = find_bar(from, close)) from = next + 1;
      if (!trimmed(view(from, close)).empty()) {
        write(from, close);
        return;
      }
    }
    if (broken) {
      write(begin, bar);
      return;
    }
    std::string shown = text::decode_character_references(raw);
    std::replace(shown.begin(), shown.end(), '_', ' ');
    const size_t hash = shown.find('#');
    shown = hash == 0 ? shown.substr(1) : shown.substr(0, hash);
    if (shown.starts_with(':')) shown.erase(0, 1);
    if (bar < close) shown = without_qualifier(shown);
    for (size_t at = shown.find("''"); at != text::kNone; at = shown.find("''")) shown.erase(at, 2);
    out_->text(trimmed(shown));
  }

  std::string without_qualifier(std::string shown) const {
    const size_t colon = shown.find(':');
    if (colon != text::kNone && site_.namespaces.find(std::string_view(shown).substr(0, colon)))
      shown.erase(0, colon + 1);
    const size_t parenthesis = shown.rfind(" ("), comma = shown.find(", ");
    if (parenthesis != text::kNone && shown.ends_with(')')) return shown.substr(0, parenthesis);
    return shown.substr(0, comma);
  }

  // --- Templates
  // -------------------------------------------------------------------------------------------------------

  void template_call(size_t at) {
    const size_t begin = at + 2, close = brackets_.close(at);
    const size_t bar = find(begin, close, '|');
    const size_t colon = find(begin, std::min(bar, begin + kMaxName), ':');
    if (colon < bar && text_[colon] == ':') {
      std::string function = text::lower_case(trimmed(view(begin, colon)));
      if (function == "#tag" || function == "#invoke")
        function += ":" + text::lower_case(trimmed(view(colon + 1, bar)));
      if (const std::optional<TemplateRole> role = parser_function_role(function))
        return write_call(at, *role, function, colon, Names::written);
    }
    std::string_view raw = trimmed(view(begin, bar));
    if (bar == close && variable(raw)) return;
    if (colon < bar && text_[colon] == ':' && site_.namespaces.find(trimmed(view(begin, colon))) == kTemplates)
      raw = trimmed(view(colon + 1, bar));
    const bool nameless = raw.size() > kMaxName || raw.find_first_of("[]{}<>\x03") != text::kNone;
    const std::string name = nameless ? "" : template_name(raw);
    write_call(at, template_role(name, site_.language), name, bar, Names::lower);
  }

  // How names of arguments are read: those of parser functions as they are, and only {{#switch:…}} has them.
  enum class Names { lower, written };

  // The template or parser function at `at`, whose arguments begin behind `bar`.
  void write_call(size_t at, TemplateRole role, const std::string& name, size_t bar, Names names) {
    const size_t close = brackets_.close(at);
    if (text_[close - 1] == kCut && role != TemplateRole::words && role != TemplateRole::short_description)
      return leave_out_cut();
    switch (role) {
      case TemplateRole::words: return template_words(at, name, call(name, bar, close, names), names);
      case TemplateRole::short_description: return short_description(call(name, bar, close, names));
      case TemplateRole::note: return leave_out(Omission::reference);
      case TemplateRole::silent: return leave_out(Omission::template_);
      case TemplateRole::disambiguation: article_.disambiguation = true; return leave_out(Omission::template_);
      case TemplateRole::unknown: return leave_out_unknown(at, name);
    }
  }

  // Writes what a variable stands for; false if `raw` is none. {{PAGENAME:x}} asks for another page.
  bool variable(std::string_view raw) {
    const size_t colon = std::min(raw.find(':'), raw.size());
    const languages::Variable kind = languages::variable_of(trimmed(raw.substr(0, colon)));
    if (kind == languages::Variable::none) return false;
    const std::string title = colon < raw.size() ? languages::normalise_title(raw.substr(colon + 1), site_.first_letter)
                                                 : std::string(title_);
    const bool known =
        colon == raw.size() || !site_.namespaces.find(std::string_view(title).substr(0, title.find(':')));
    if (kind == languages::Variable::title && known && !title.empty()) {
      out_->text(title);
    } else if (kind == languages::Variable::address && known && !title.empty()) {
      out_->text(languages::title_in_address(title));
    } else if (kind == languages::Variable::site_name && !site_.name.empty()) {
      out_->text(site_.name);
    } else if (kind == languages::Variable::namespace_ && colon == raw.size()) {
      leave_out(Omission::template_);
    } else {
      article_.omissions.add(Omission::template_);
      ++article_.omissions.templates[text::lower_case(raw)];
      out_->hole();
    }
    return true;
  }

  // A template that nobody closed may have the rest of its sentence in it.
  void leave_out_cut() {
    article_.omissions.add(Omission::template_);
    word_left_out();
  }

  // A hole that is no note on the word before it.
  void word_left_out() {
    out_->text(" ");
    out_->hole();
  }

  // A template in the middle of a line may have been a word of its sentence; a block is a box or a notice, or what a
  // colon before it announces.
  void leave_out_unknown(size_t at, const std::string& name) {
    article_.omissions.add(Omission::template_);
    if (out_ == &prose_ && is_block(at)) {
      if (prose_.empty() && awaited()) block_left_out();
      if (!prose_.ends_in_colon()) return out_->gap();
    }
    ++article_.omissions.templates[name];
    out_->hole();
  }

  // Whether the unknown template at `at` stands between sentences: at the end of a line, or at the start of one and it
  // is a box of several lines or what the article is about follows in bold.
  bool is_block(size_t at) {
    if (!prose_.ends_sentence()) return false;
    const bool begins_line = prose_.seen() <= line_begin_;
    if (at >= run_end_) find_run(at);
    if (run_end_ == text_.size() || text_[run_end_] == '\n') return true;
    if (!begins_line) return false;
    const std::string_view inside = view(at, brackets_.close(at));
    work_ += int64_t(inside.size());
    return at_text(run_end_, "'''") || inside.find('\n') != text::kNone;
  }

  // The end of the templates from `at` on with nothing but spaces between.
  void find_run(size_t at) {
    run_end_ = at;
    while (run_end_ < text_.size()) {
      ++work_;
      const char c = text_[run_end_];
      if (brackets_.kind(run_end_) == Bracket::template_) {
        run_end_ = brackets_.after(run_end_);
      } else if (c == ' ' || is_left_out(c)) {
        ++run_end_;
      } else {
        break;
      }
    }
  }

  // Arguments between the bars of [bar, close), the first behind `bar` itself.
  TemplateCall call(const std::string& name, size_t bar, size_t close, Names names) {
    TemplateCall call;
    call.language = site_.language;
    call.in_parentheses = [this] { return out_->in_parentheses(); };
    call.plain = [this](const TemplateCall::Argument& a) { return written(a).text; };
    call.fails = [this](const TemplateCall::Argument& a) { return fails(a); };
    const bool function = names == Names::written, has_names = !function || name == "#switch";
    int positional = 0;
    for (size_t at = bar; at < close;) {
      const size_t begin = at + 1, end = find(begin, close, '|');
      const size_t equals = has_names && !(function && at == bar) ? find(begin, end, '=') : end;
      TemplateCall::Argument argument{.begin = equals < end ? equals + 1 : begin, .end = end, .named = equals < end};
      const std::string_view written = trimmed(view(begin, equals));
      argument.name = !argument.named ? std::to_string(++positional)
                      : function      ? std::string(written)
                                      : text::lower_case(written);
      const std::string_view inside = trimmed(view(argument.begin, end));
      argument.blank = inside.empty();
      argument.parameter = !argument.blank && is_parameter(inside);
      call.arguments.push_back(std::move(argument));
      at = end;
    }
    return call;
  }

  // Whether all of an argument is {{{1}}}, which has no other value.
  bool is_parameter(std::string_view inside) {
    const size_t at = size_t(inside.data() - text_.data());
    return brackets_.kind(at) == Bracket::parameter && brackets_.after(at) == at + inside.size() &&
           inside.find('|') == text::kNone;
  }

  // An argument is read once, whoever asks for it: of functions in each other each asks twice.
  const Paragraph& written(const TemplateCall::Argument& argument) {
    if (!argument.written) argument.written = finished(argument.begin, argument.end);
    return *argument.written;
  }

  bool fails(const TemplateCall::Argument& argument) {
    const bool lacks_word = plain_lacks_word_, outer = std::exchange(expression_failed_, false);
    written(argument);
    const bool failed = std::exchange(expression_failed_, outer);
    if (failed) plain_lacks_word_ = lacks_word;
    return failed;
  }

  void template_words(size_t at, const std::string& name, TemplateCall&& call, Names names) {
    call.name = text::decode_character_references(trimmed(view(at + 2, find(at + 2, brackets_.close(at), '|'))));
    std::replace(call.name.begin(), call.name.end(), '_', ' ');
    const bool outer = std::exchange(plain_lacks_word_, false);
    const std::optional<std::vector<TemplatePiece>> pieces =
        names == Names::written ? expand_parser_function(name, call) : expand_template(name, call);
    const bool lacks_word = std::exchange(plain_lacks_word_, outer);
    if (!pieces && !lacks_word && (name == "#expr" || name == "#ifexpr")) expression_failed_ = true;
    if (!pieces || lacks_word) {
      if (out_->ends_in_word()) out_->text(" ");  // it is no note
      return leave_out_unknown(at, name);
    }
    if (pieces->empty()) return leave_out(Omission::template_);
    for (const TemplatePiece& piece : *pieces) {
      switch (piece.kind) {
        case TemplatePiece::Kind::text: out_->text(piece.text); break;
        case TemplatePiece::Kind::argument: write_argument(call.arguments[piece.argument]); break;
        case TemplatePiece::Kind::paragraph: paragraph_ends(); break;
      }
    }
  }

  void write_argument(const TemplateCall::Argument& argument) {
    if (argument.written) return out_->append(*argument.written);
    const std::string_view inner = trimmed(view(argument.begin, argument.end));
    const size_t begin = size_t(inner.data() - text_.data());
    write(begin, begin + inner.size());
  }

  void short_description(const TemplateCall& call) {
    const bool outer = std::exchange(plain_lacks_word_, false);
    std::string text = call.text("1");
    const bool lacks_word = std::exchange(plain_lacks_word_, outer);
    if (article_.short_description.empty() && !lacks_word && text::lower_case(text) != "none")
      article_.short_description = std::move(text);
    out_->gap();
  }

  // [begin, end) as text without links.
  std::string plain(size_t begin, size_t end) { return finished(begin, end).text; }

  Paragraph finished(size_t begin, size_t end) {
    Prose prose;
    Prose* const outer = std::exchange(out_, &prose);
    write(begin, end);
    out_ = outer;
    plain_lacks_word_ |= prose.has_hole();
    return prose.take_all();
  }

  const std::string text_;
  const Brackets brackets_;
  const languages::Site& site_;
  const languages::LinkLetters letters_;
  const std::string_view title_;
  Article& article_;
  const int64_t work_limit_;
  int64_t work_ = 0;
  int depth_ = 0;

  Prose prose_;                     // the paragraph in the making
  Prose* out_ = &prose_;            // what is written to: it, or the text of an argument
  size_t line_begin_ = 0;           // size of the prose where the line began
  size_t run_end_ = 0;              // behind the last templates in a row that find_run() saw
  bool plain_lacks_word_ = false;   // there was a hole in what plain() read
  bool expression_failed_ = false;  // there was arithmetic that has no value
  bool inside_link_ = false;
  std::string section_;
  bool leans_ = false;     // the last paragraph is of this section and may lean on what comes
  bool broken_ = false;    // something was left out behind it that what comes may lean on
  size_t tail_level_ = 0;  // of the heading that began a tail section, 0 outside of one
};

}  // namespace

Article parse_wikitext(std::string_view wikitext, const languages::Site& site, std::string_view title) {
  Article article;
  if (wikitext.size() > kMaxPage) {
    article.omissions.add(Omission::too_much);
    return article;
  }
  std::string text = strip(wikitext, article.omissions, article.work);
  Brackets brackets(text);
  if (!brackets.open().empty()) {
    text = close_open_brackets(text, brackets);
    brackets = Brackets(text);
    article.work += 2 * int64_t(text.size());
  }
  Parser(std::move(text), std::move(brackets), site, title, article).run();
  return article;
}

}  // namespace kilm::wikitext
