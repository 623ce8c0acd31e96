#include "kilm/wikitext/prose.h"

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include "kilm/languages/sentence_rules.h"
#include "kilm/text/characters.h"
#include "kilm/text/sentence.h"
#include "kilm/text/unicode.h"
#include "kilm/wikitext/parentheses.h"
#include "kilm/wikitext/strip.h"

namespace kilm::wikitext {

namespace {

enum class ByteKind : uint8_t { plain, space, wide };  // wide: may begin a space or an invisible character

constexpr std::array<ByteKind, 256> kinds() {
  std::array<ByteKind, 256> table{};
  for (size_t c = 0; c <= 0x20; ++c) table[c] = ByteKind::space;
  table[0x7F] = ByteKind::space;
  for (const size_t lead : {0xC2, 0xE1, 0xE2, 0xE3, 0xEF}) table[lead] = ByteKind::wide;
  return table;
}
constexpr std::array<ByteKind, 256> kKinds = kinds();

enum class Width : uint8_t { visible, space, none };

// Measures the character that begins at `at`, one with a wide lead byte.
Width width_at(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0; };
  const unsigned a = byte(0), b = byte(1), c = byte(2);
  if (a == 0xC2) return b == 0xA0 || b == 0x85 ? Width::space : b == 0xAD || b < 0xA0 ? Width::none : Width::visible;
  if (a == 0xE1) return b == 0x9A && c == 0x80 ? Width::space : Width::visible;
  if (a == 0xE3) return b == 0x80 && c == 0x80 ? Width::space : Width::visible;
  if (a == 0xEF) return b == 0xBB && c == 0xBF ? Width::none : Width::visible;
  if (b == 0x80) {
    if (c <= 0x8A || c == 0xA8 || c == 0xA9 || c == 0xAF) return Width::space;
    // Zero-width space and marks of direction; the joiners between them shape letters and stay.
    return c == 0x8B || c == 0x8E || c == 0x8F || (c >= 0xAA && c <= 0xAE) ? Width::none : Width::visible;
  }
  if (b == 0x81) return c == 0x9F ? Width::space : c == 0xA0 || (c >= 0xA6 && c <= 0xA9) ? Width::none : Width::visible;
  return Width::visible;
}

// Signs of the scripts that have their own.
constexpr std::u32string_view kCommas = U",，、،", kColons = U":：", kSemicolons = U";；؛", kOpening = U"(（",
                              kClosing = U")）", kSeparators = U",;:，、；：،؛", kItemEnds = U",;，、；،؛",
                              kEnds = U",;)，、；）،؛", kStops = U".!?。！？।॥։۔؟።။།";

bool is_in(char32_t c, std::u32string_view set) { return c != 0 && set.find(c) != set.npos; }
bool is_one_of(char c, std::string_view set) { return set.find(c) != text::kNone; }

// Tells whether a template directly behind `before` and in front of a space or a stop is a note and not a word. It is
// one behind a letter, what closes, a comma or a share. `first` is what stands before the sign.
bool takes_notes(char32_t before, char32_t first) {
  if (text::is_spaceless(before)) return false;
  if (text::is_letter(before) || before == ')' || before == ']' || before == ',' || before == '%' || before == U'°')
    return true;
  if (before == U'”' || before == U'»' || before == U'）' || before == U'」' || before == U'』') return true;
  const bool closes = first != 0 && first != ' ' && first != '(' && first != U'（';
  return before == '"' ? closes : text::is_raised(before) && text::is_letter(first);
}

// Tells whether the text ends in a year: four digits and no more.
bool ends_in_year(std::string_view text) {
  if (text.size() < 4 || (text.size() > 4 && text[text.size() - 5] != ' ' && text[text.size() - 5] != '('))
    return false;
  const std::string_view year = text.substr(text.size() - 4);
  return (year[0] == '1' || year[0] == '2') && std::all_of(year.begin(), year.end(), text::is_digit);
}

// Tells whether the text ends in the symbol of a unit of length or time, whose power a template may write.
bool ends_in_length(std::string_view text) {
  constexpr size_t kLongest = 4;  // bytes, and the sign before
  if (text.size() > kLongest + 1) text.remove_prefix(text.size() - kLongest - 1);
  const std::string_view word = text.substr(text.find_last_of(" /") + 1);
  for (const std::string_view unit :
       {"m", "km", "cm", "mm", "dm", "nm", "μm", "µm", "ft", "yd", "s", "м", "км", "см", "мм"})
    if (word == unit && word.size() < text.size()) return true;
  return false;
}

// Copies text, closing its gaps; link boundaries move along. With `mark_holes` a hole stays where a word is
// missing.
class Tidier {
 public:
  Tidier(std::string_view in, std::vector<WikiLink>& links, bool mark_holes)
      : in_(in), links_(links), mark_holes_(mark_holes) {}

  std::string run() {
    while (at_ < in_.size()) {
      if (is_left_out(in_[at_])) {
        close_gap();
      } else {
        copy();
      }
    }
    strip_end(U" ");
    boundaries();
    for (size_t i = begun_; i < links_.size(); ++i) links_[i].begin = int64_t(out_.size());
    for (size_t i = ended_; i < links_.size(); ++i) links_[i].end = int64_t(out_.size());
    return std::move(out_);
  }

 private:
  // Ends the links that end at or before the next byte of the input, at the end of the output.
  void ends() {
    while (ended_ < begun_ && size_t(links_[ended_].end) <= at_) links_[ended_++].end = int64_t(out_.size());
  }
  void boundaries() {
    for (ends(); begun_ < links_.size() && size_t(links_[begun_].begin) <= at_; ends())
      links_[begun_++].begin = int64_t(out_.size());
  }

  void copy() {
    boundaries();
    out_ += in_[at_++];
  }

  void shorten(size_t size) {
    out_.resize(size);
    for (size_t i = begun_; i-- > 0;) {
      WikiLink& link = links_[i];
      link.begin = std::min(link.begin, int64_t(size));
      if (i < ended_) {
        if (size_t(link.end) <= size) break;
        link.end = int64_t(size);
      }
    }
  }

  char32_t last() const { return text::last_character(out_); }
  char32_t next() const { return text::first_character(in_.substr(at_, 4)); }
  bool next_is(std::u32string_view set) const { return is_in(next(), set); }
  bool last_is(std::u32string_view set) const { return is_in(last(), set); }

  void strip_end(std::u32string_view set) {
    size_t size = out_.size();
    for (char32_t c = last(); is_in(c, set); c = text::last_character(std::string_view(out_).substr(0, size)))
      size -= text::utf8_size(c);
    if (size < out_.size()) shorten(size);
  }

  // Passes what was left out and signs of `set` in the input.
  void skip(std::u32string_view set) {
    while (at_ < in_.size()) {
      const char32_t c = next();
      if (is_left_out(in_[at_])) {
        if (in_[at_] == kHole) {
          hole_ = true;
          spaced_ |= space_;
          space_behind_ = item_ends_ = false;
        }
      } else if (!is_in(c, set)) {
        return;
      }
      space_ |= c == ' ';
      space_behind_ |= c == ' ';
      item_ends_ |= is_in(c, kItemEnds);
      at_ += is_left_out(in_[at_]) ? 1 : text::utf8_size(c);
    }
  }

  // Drops a word at the end that only leads to what is gone.
  void strip_connector(std::string_view word) {
    if (!out_.ends_with(word)) return;
    const size_t rest = out_.size() - word.size();
    if (rest > 0 && !is_one_of(out_[rest - 1], " (,;")) return;
    shorten(rest);
    strip_end(U" ");
  }

  // Drops the label of a pronunciation, as the first two of (UK: ~, US ~; born 1 May), with its comma.
  void strip_label() {
    const bool colon = last_is(kColons);
    const std::optional<size_t> item = item_in_parentheses(out_);
    if (hole_ || !item) return;
    const std::string_view label = std::string_view(out_).substr(*item);
    if (!colon && !(space_ && is_label(label))) return;
    if (label.size() > 60 || label.find_first_of("0123456789.") != text::kNone) return;
    shorten(*item);
    strip_end(U" ,;，、；،؛");
  }

  static bool is_label(std::string_view word) {
    static const std::unordered_set<std::string_view> labels = {"UK",
                                                                "US",
                                                                "AU",
                                                                "CA",
                                                                "NZ",
                                                                "RP",
                                                                "GA",
                                                                "IPA",
                                                                "API",
                                                                "AFI",
                                                                "also",
                                                                "locally",
                                                                "British",
                                                                "American",
                                                                "English",
                                                                "prononcé",
                                                                "prononciation",
                                                                "ausgesprochen",
                                                                "Aussprache",
                                                                "uitspraak",
                                                                "uitgesproken",
                                                                "pronuncia",
                                                                "pronunciado",
                                                                "pronúncia",
                                                                "uttal",
                                                                "uttales",
                                                                "udtales",
                                                                "wym.",
                                                                "произносится"};
    while (word.starts_with(' ')) word.remove_prefix(1);
    return labels.contains(word);
  }

  bool full_stop() const {
    return next() == '.' && (at_ + 1 >= in_.size() || is_one_of(in_[at_ + 1], " \"')\x01\x02"));
  }
  bool stop() const { return full_stop() || (next() != '.' && next_is(kStops)); }

  // Tells whether nothing but the gap stands between two sentences: "a.<ref/>The".
  bool runs_on() const {
    const size_t size = out_.size();
    return size > 1 && out_[size - 1] == '.' && text::is_lower(out_[size - 2]) && next() < 0x80 &&
           text::is_upper(char(next()));
  }

  // Takes spaces and what only belonged to the gap from both of its sides.
  void clear_sides() {
    space_ |= last() == ' ';
    strip_end(U" ");
    skip(U" ");
    if (next_is(kEnds)) strip_label();
    if (last_is(U"(（[") || out_.empty()) {
      skip(U" ,;:，、；：،؛");
      for (const std::string_view word : {"or ", "and "})
        if (!hole_ && in_.substr(at_, word.size()) == word) at_ += word.size();
    }
    if (next_is(kEnds) || stop())
      for (const std::string_view word : {"or", "and", "pronounced", "/"}) strip_connector(word);
    if (next_is(kClosing))
      for (const std::string_view word : {"e.g.,", "e.g.", "i.e.,", "i.e.", "see", "cf."}) strip_connector(word);
    if (next_is(kClosing) || stop()) strip_end(U" ,;:，、；：،؛");
  }

  // Makes a pair of parentheses with nothing between part of the gap.
  bool remove_parentheses() {
    const bool sound = (last() == '[' && next() == ']') || (last() == '/' && next() == '/');
    const bool pair = sound || (last_is(kOpening) && next_is(kClosing));
    if (!pair) return false;
    shorten(out_.size() - text::utf8_size(last()));
    at_ += text::utf8_size(next());
    return true;
  }

  // What stands before the gap, and what it was cleared to.
  struct Before {
    char32_t sign = 0, first = 0;          // the last one, and the one before it
    bool year = false, parameter = false;  // 1950~ and f(~)
    bool unit = false;                     // 5 km~, which may be one of area
  };

  Before before() const {
    Before result{.sign = last(), .year = ends_in_year(out_), .unit = ends_in_length(out_)};
    const std::string_view rest =
        std::string_view(out_).substr(0, out_.size() - (result.sign ? text::utf8_size(result.sign) : 0));
    result.first = text::last_character(rest);
    result.parameter =
        result.sign == '(' && !rest.empty() && (kilm::text::is_letter(rest.back()) || text::is_digit(rest.back()));
    return result;
  }

  // Tells whether the hole in this gap was a word of its sentence. A hole behind a word was the next word. Behind the
  // end of a sentence it was the first of the next, if that goes on there; behind a colon, what the colon announces. In
  // parentheses it was an item of its own if it stands between separators. A template at the end of a word is a note.
  bool lacks_word(const Before& before) const {
    const char32_t c = next();
    const bool phrase_ends = c == 0 || next_is(kSeparators) || next_is(kClosing) || stop();
    const bool glued = !space_behind_ && (text::is_letter(c) || text::is_digit_character(c));
    if (is_in(before.sign, kOpening)) return before.parameter || !(item_ends_ || next_is(kClosing));
    if (phrase_ends && is_in(before.sign, kItemEnds)) return !item_in_parentheses(out_);
    if (before.sign == 0) return !phrase_ends && (space_behind_ || !begins_sentence(c));
    if (is_in(before.sign, kSemicolons)) return spaced_ || glued || goes_on(c);
    if (is_in(before.sign, kColons)) return phrase_ends || spaced_ || goes_on(c);
    if (is_in(before.sign, kStops)) return spaced_ || next_is(kClosing) || (!phrase_ends && goes_on(c));
    return spaced_ || glued || before.unit || !(before.year || takes_notes(before.sign, before.first));
  }

  // Tells whether a sentence goes on with this sign: a small letter, one of a script without capitals, or what joins it
  // to a word.
  bool goes_on(char32_t c) const {
    return text::is_small(c) || (text::is_caseless(c) && (spaced_ || text::is_spaceless(c))) || c == '-' || c == U'’' ||
           c == '\'';
  }
  static bool begins_sentence(char32_t c) {
    return text::is_capital(c) || c == '"' || c == U'“' || c == U'„' || c == U'«';
  }

  void close_gap() {
    space_ = last() == ' ';
    hole_ = spaced_ = space_behind_ = item_ends_ = false;
    strip_end(U" ");
    Before side = before();
    clear_sides();
    bool lost = false;
    while (remove_parentheses()) {
      lost |= hole_ && side.parameter;
      hole_ = spaced_ = false;
      space_ |= last() == ' ';
      strip_end(U" ");
      side = before();
      clear_sides();
    }
    if (mark_holes_ && (lost || (hole_ && lacks_word(side)))) {
      ends();
      if (!out_.empty()) out_ += ' ';
      out_ += kHole;
    }
    while (next_is(kSeparators) && (last_is(kSeparators) || last_is(kOpening))) {
      at_ += text::utf8_size(next());  // the second of two
      skip(U" ");
    }
    if (last() == '.' && full_stop()) {
      ++at_;
      skip(U" ");
    }
    const bool stays = next_is(kSeparators) || next_is(kClosing) || next_is(U"!?！？。") || full_stop();
    const bool joined = out_.empty() || last_is(kOpening) || stays;
    ends();
    if ((space_ && !joined) || runs_on()) out_ += ' ';
  }

  std::string_view in_;
  std::vector<WikiLink>& links_;
  const bool mark_holes_;
  std::string out_;
  size_t at_ = 0;
  // The gap that is being closed: whether there is a space or a hole in it, a space before a hole, behind the last.
  bool space_ = false, hole_ = false, spaced_ = false, space_behind_ = false;
  bool item_ends_ = false;        // whether a comma or semicolon that is passed stands behind the last hole
  size_t begun_ = 0, ended_ = 0;  // links whose begin and end are known
};

// Returns where sentences end, and behind a hole that a colon announces if a capital letter follows: "The sum is: _
// Here n is".
std::vector<size_t> ends_with_announced(const std::string& text, std::string_view language) {
  std::vector<size_t> ends = text::sentence_ends(text, languages::sentence_rules(language), text::Quotations::whole);
  const size_t sentences = ends.size();
  for (size_t at = text.find(kHole); at != text::kNone; at = text.find(kHole, at + 1))
    if (at > 1 && text[at - 2] == ':' && text.substr(at + 1, 1) == " " &&
        text::is_capital(text::first_character(std::string_view(text).substr(std::min(at + 2, text.size())))))
      ends.push_back(at + 1);
  std::inplace_merge(ends.begin(), ends.begin() + std::ptrdiff_t(sentences), ends.end());
  return ends;
}

struct DropResult {
  int64_t sentences = 0;
  bool first = false;
};

// Takes the sentences with holes out of a paragraph, and the links in them.
DropResult drop_sentences(Paragraph& paragraph, std::string_view language) {
  const Paragraph whole = std::exchange(paragraph, {});
  DropResult dropped;
  size_t begin = 0, link = 0;
  for (const size_t end : ends_with_announced(whole.text, language)) {
    if (paragraph.text.empty() && whole.text[begin] == ' ') ++begin;
    const std::string_view sentence = std::string_view(whole.text).substr(begin, end - begin);
    const bool holed = sentence.find(kHole) != text::kNone;
    const int64_t shift = int64_t(paragraph.text.size()) - int64_t(begin);
    for (; link < whole.links.size() && size_t(whole.links[link].end) <= end; ++link) {
      const WikiLink& l = whole.links[link];
      if (!holed && size_t(l.begin) >= begin) paragraph.links.push_back({l.begin + shift, l.end + shift, l.target});
    }
    dropped.sentences += holed;
    dropped.first |= holed && dropped.sentences == 1 && paragraph.text.empty();
    if (!holed) paragraph.text += sentence;
    begin = end;
  }
  return dropped;
}

}  // namespace

void Prose::space() {
  if (!text_.empty() && text_.back() != ' ') text_ += ' ';
}

void Prose::text(std::string_view plain) {
  for (size_t at = 0; at < plain.size();) {
    const size_t begin = at;
    while (at < plain.size() && kKinds[static_cast<unsigned char>(plain[at])] == ByteKind::plain) ++at;
    text_.append(plain, begin, at - begin);
    if (at > begin) seen_ = text_.size();
    if (at == plain.size()) return;
    const bool wide = kKinds[static_cast<unsigned char>(plain[at])] == ByteKind::wide;
    const size_t length = wide ? text::utf8_length(static_cast<unsigned char>(plain[at])) : 1;
    const Width width = wide ? width_at(plain, at) : Width::space;
    if (width == Width::space) space();
    if (width == Width::visible) {
      text_.append(plain, at, length);
      seen_ = text_.size();
    }
    at = std::min(at + length, plain.size());
  }
}

bool Prose::take_back(std::string_view end) {
  if (!text_.ends_with(end)) return false;
  text_.resize(text_.size() - end.size());
  return true;
}

void Prose::gap() { text_ += kGap; }
void Prose::hole() { text_ += kHole; }

void Prose::begin_link(std::string_view prefix) {
  link_begin_ = text_.size();
  const size_t taken = links_.empty() ? 0 : size_t(links_.back().end);
  if (text_.ends_with(prefix) && link_begin_ - prefix.size() >= taken) link_begin_ -= prefix.size();
}

void Prose::end_link(std::string target) {
  size_t begin = std::min(link_begin_, text_.size()), end = text_.size();
  while (begin < end && (text_[begin] == ' ' || is_left_out(text_[begin]))) ++begin;
  while (begin < end && (text_[end - 1] == ' ' || is_left_out(text_[end - 1]))) --end;
  if (begin < end) links_.push_back({int64_t(begin), int64_t(end), std::move(target)});
}

bool Prose::ends_in_colon() const {
  const char32_t last = text::last_character(std::string_view(text_).substr(0, seen_));
  return last == ':' || last == U'：';
}

bool Prose::ends_sentence() const {
  std::string_view text = std::string_view(text_).substr(0, seen_);
  for (int closers = 0; closers < 3; ++closers) {
    const char32_t last = text::last_character(text);
    if (last == 0 || std::u32string_view(U")\"]）」』”»’").find(last) == text::kNone) break;
    text.remove_suffix(text::utf8_size(last));
  }
  const char32_t last = text::last_character(text);
  return last == 0 || is_in(last, kStops) || is_in(last, kColons) || is_in(last, kSemicolons);
}

void Prose::append(const Paragraph& written) {
  size_t at = 0;
  for (const WikiLink& link : written.links) {
    text(std::string_view(written.text).substr(at, size_t(link.begin) - at));
    begin_link();
    text(std::string_view(written.text).substr(size_t(link.begin), size_t(link.end - link.begin)));
    end_link(link.target);
    at = size_t(link.end);
  }
  text(std::string_view(written.text).substr(at));
}

bool Prose::ends_in_word() const {
  const char32_t last = text::last_character(text_);
  return text::is_letter(last) || text::is_digit_character(last);
}

bool Prose::in_parentheses() const { return item_in_parentheses(text_).has_value(); }

bool Prose::has_hole() const { return text_.find(kHole) != text::kNone; }

Paragraph Prose::finish(bool mark_holes) {
  Paragraph result;
  result.links = std::move(links_);
  if (std::any_of(text_.begin(), text_.end(), is_left_out)) {
    result.text = Tidier(text_, result.links, mark_holes).run();
    std::erase_if(result.links, [](const WikiLink& link) { return link.begin >= link.end; });
  } else {
    if (!text_.empty() && text_.back() == ' ') text_.pop_back();
    result.text = std::move(text_);
  }
  text_.clear();
  links_.clear();
  seen_ = 0;
  return result;
}

Paragraph Prose::take_all() { return finish(false); }

Paragraph Prose::take(std::string_view language) {
  Paragraph paragraph = finish(true);
  drop_parentheses(paragraph);
  const DropResult dropped =
      paragraph.text.find(kHole) == text::kNone ? DropResult() : drop_sentences(paragraph, language);
  dropped_ = dropped.sentences;
  dropped_first_ = dropped.first;
  return paragraph;
}

}  // namespace kilm::wikitext
