#include "kilm/corpus/wikitext/prose.h"

#include <algorithm>
#include <array>
#include <utility>

#include "kilm/corpus/characters.h"
#include "kilm/corpus/sentence.h"
#include "kilm/corpus/wikitext/character_references.h"
#include "kilm/corpus/wikitext/strip.h"

namespace kilm {

namespace {

enum class Kind : uint8_t { plain, space, wide };  // wide: may begin a space or an invisible character

constexpr std::array<Kind, 256> kinds() {
  std::array<Kind, 256> table{};
  for (size_t c = 0; c <= 0x20; ++c) table[c] = Kind::space;
  table[0x7F] = Kind::space;
  for (const size_t lead : {0xC2, 0xE1, 0xE2, 0xE3, 0xEF}) table[lead] = Kind::wide;
  return table;
}
constexpr std::array<Kind, 256> kKinds = kinds();

enum class Width : uint8_t { visible, space, none };

// Of the character that begins at `at`, one with a wide lead byte.
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

bool is_one_of(char c, std::string_view set) { return set.find(c) != kNone; }

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
    strip_end(" ");
    boundaries();
    for (size_t i = begun_; i < links_.size(); ++i) links_[i].begin = int64_t(out_.size());
    for (size_t i = ended_; i < links_.size(); ++i) links_[i].end = int64_t(out_.size());
    return std::move(out_);
  }

 private:
  // Links that begin or end at or before the next byte of the input do so at the end of the output.
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

  void strip_end(std::string_view set) {
    size_t size = out_.size();
    while (size > 0 && is_one_of(out_[size - 1], set)) --size;
    if (size < out_.size()) shorten(size);
  }

  char last() const { return out_.empty() ? 0 : out_.back(); }
  char next() const { return at_ < in_.size() ? in_[at_] : 0; }

  // Passes what was left out and signs of `set` in the input; whether there was a space.
  bool skip(std::string_view set) {
    bool space = false;
    for (; at_ < in_.size() && (is_left_out(in_[at_]) || is_one_of(in_[at_], set)); ++at_) {
      space |= in_[at_] == ' ';
      hole_ |= in_[at_] == kHole;
    }
    return space;
  }

  // A word that only leads to what is gone.
  void strip_connector(std::string_view word) {
    if (!out_.ends_with(word)) return;
    const size_t rest = out_.size() - word.size();
    if (rest > 0 && !is_one_of(out_[rest - 1], " (,;")) return;
    shorten(rest);
    strip_end(" ");
  }

  bool next_is(std::string_view set) const { return next() != 0 && is_one_of(next(), set); }
  bool last_is(std::string_view set) const { return last() != 0 && is_one_of(last(), set); }

  bool full_stop() const {
    return next() == '.' && (at_ + 1 >= in_.size() || is_one_of(in_[at_ + 1], " \"')\x01\x02"));
  }

  // Two sentences with nothing but the gap between: "a.<ref/>The".
  bool runs_on() const {
    const size_t size = out_.size();
    return size > 1 && out_[size - 1] == '.' && is_lower(out_[size - 2]) && is_upper(next());
  }

  // Takes spaces and what only belonged to the gap from both of its sides.
  bool clear_sides() {
    bool space = last() == ' ';
    strip_end(" ");
    space |= skip(" ");
    if (last() == '(' || out_.empty()) {
      skip(" ,;:");
      for (const std::string_view word : {"or ", "and "})
        if (!hole_ && in_.substr(at_, word.size()) == word) at_ += word.size();
    }
    if (next_is(",;)") || full_stop())
      for (const std::string_view word : {"or", "and", "pronounced", "/"}) strip_connector(word);
    if (next() == ')')
      for (const std::string_view word : {"e.g.,", "e.g.", "i.e.,", "i.e.", "see", "cf."}) strip_connector(word);
    if (next() == ')' || full_stop()) strip_end(" ,;:");
    return space;
  }

  // A pair of parentheses with nothing between becomes part of the gap.
  bool remove_parentheses() {
    if (last() != '(' || next() != ')') return false;
    shorten(out_.size() - 1);
    ++at_;
    return true;
  }

  void close_gap() {
    const bool behind_space = last() == ' ';
    strip_end(" ");
    // What stands behind a word was the next one; behind the end of a sentence, if there it goes on, its first; behind
    // a colon, if nothing else does, what it announces; behind a parenthesis it was an item of its own, and between
    // commas.
    const bool begins = out_.empty() || last_is(".:;!?"), opens = last_is("("), behind_comma = last_is(",");
    const bool announced = last_is(":");
    hole_ = false;
    bool space = clear_sides() | behind_space;
    while (remove_parentheses()) {
      hole_ = false;
      space |= clear_sides();
    }
    const bool goes_on = is_lower(next());
    const bool phrase_ends = next_is(",;:)") || full_stop() || at_ == in_.size();
    const bool item = opens || (behind_comma && phrase_ends);
    if (mark_holes_ && hole_ && (begins ? goes_on || (announced && phrase_ends) : behind_space && !item)) {
      ends();
      if (!out_.empty()) out_ += ' ';
      out_ += kHole;
    }
    while (next_is(",;:") && last_is(",;:(")) {
      ++at_;  // the second of two
      space |= skip(" ");
    }
    if (last() == '.' && full_stop()) ++at_;
    const bool joined = out_.empty() || last() == '(' || next_is(",;:!?)") || full_stop();
    ends();
    if ((space && !joined) || runs_on()) out_ += ' ';
  }

  std::string_view in_;
  std::vector<WikiLink>& links_;
  const bool mark_holes_;
  std::string out_;
  size_t at_ = 0;
  bool hole_ = false;             // in the gap that is being closed
  size_t begun_ = 0, ended_ = 0;  // links whose begin and end are known
};

// Takes the sentences with holes out of a paragraph, and the links in them; returns how many.
int64_t drop_sentences(Paragraph& paragraph) {
  const Paragraph whole = std::exchange(paragraph, {});
  int64_t dropped = 0;
  size_t begin = 0, link = 0;
  for (const size_t end : sentence_ends(whole.text)) {
    if (paragraph.text.empty() && whole.text[begin] == ' ') ++begin;
    const std::string_view sentence = std::string_view(whole.text).substr(begin, end - begin);
    const bool holed = sentence.find(kHole) != kNone;
    const int64_t shift = int64_t(paragraph.text.size()) - int64_t(begin);
    for (; link < whole.links.size() && size_t(whole.links[link].end) <= end; ++link) {
      const WikiLink& l = whole.links[link];
      if (!holed && size_t(l.begin) >= begin) paragraph.links.push_back({l.begin + shift, l.end + shift, l.target});
    }
    dropped += holed;
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
    while (at < plain.size() && kKinds[static_cast<unsigned char>(plain[at])] == Kind::plain) ++at;
    text_.append(plain, begin, at - begin);
    if (at > begin) colon_ = plain[at - 1] == ':';
    if (at == plain.size()) return;
    const bool wide = kKinds[static_cast<unsigned char>(plain[at])] == Kind::wide;
    const size_t length = wide ? utf8_length(static_cast<unsigned char>(plain[at])) : 1;
    const Width width = wide ? width_at(plain, at) : Width::space;
    if (width == Width::space) space();
    if (width == Width::visible) {
      text_.append(plain, at, length);
      colon_ = false;
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
  colon_ = false;
  return result;
}

Paragraph Prose::take_all() { return finish(false); }

Paragraph Prose::take() {
  Paragraph paragraph = finish(true);
  dropped_ = paragraph.text.find(kHole) == kNone ? 0 : drop_sentences(paragraph);
  return paragraph;
}

}  // namespace kilm
