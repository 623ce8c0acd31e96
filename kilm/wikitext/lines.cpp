// What begins a line decides what it is: prose, a heading, or something that is left out.
#include <algorithm>

#include "kilm/languages/sentence_rules.h"
#include "kilm/text/characters.h"
#include "kilm/text/sentence.h"
#include "kilm/wikitext/leaning.h"
#include "kilm/wikitext/names.h"
#include "kilm/wikitext/parser.h"
#include "kilm/wikitext/strip.h"

namespace kilm::wikitext {

namespace {

bool has_words(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return text::is_letter(c) || text::is_beyond_ascii(c); });
}

}  // namespace

void Parser::run() {
  const size_t size = page_.text.size();
  for (size_t at = 0; at < size && !page_.exhausted();) at = line(at);
  if (page_.exhausted()) article_.omissions.add(Omission::too_much);
  end_section();
  article_.work += page_.work + 2 * int64_t(size);  // with the pairing and its table
}

size_t Parser::line(size_t at) {
  const std::string& text = page_.text;
  size_t first = at;
  while (first < text.size() && (text[first] == ' ' || is_left_out(text[first]))) ++first;
  page_.work += int64_t(first - at);
  if (first == text.size() || text[first] == '\n') {
    end_paragraph();
    if (page_.view(at, first).find(kHole) != text::kNone) drop_lead_in_to_block();  // a formula on its own
    return first + 1;
  }
  const bool preformatted =
      text[at] == ' ' && (std::string_view("{[<").find(text[first]) == text::kNone || template_writes_words(first));
  switch (text[first]) {
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
      if (page_.at_text(first, "----")) {
        end_paragraph();
        at = std::min(text.find_first_not_of('-', first), text.size());
      }
      break;
    default: break;
  }
  if (preformatted) return leave_out_line(first, Omission::indented);
  line_begin_ = prose_.size();
  return write(at, text.size(), true);
}

size_t Parser::leave_out_line(size_t at, Omission omission) {
  end_paragraph();
  article_.omissions.add(omission);
  drop_lead_in_to_block();
  return page_.skip_line(at);
}

size_t Parser::heading(size_t at) {
  const std::string& text = page_.text;
  const size_t eol = page_.line_end(at);
  size_t end = eol;
  while (end > at && (text[end - 1] == ' ' || is_left_out(text[end - 1]))) --end;
  size_t level = 0, closing = 0;
  while (at + level < end && text[at + level] == '=' && level < 6) ++level;
  while (end - closing > at + level && text[end - closing - 1] == '=' && closing < 6) ++closing;
  level = std::min(level, closing);
  if (level == 0) return 0;
  end_section();
  const std::string name = plain(at + level, end - level);
  if (tail_level_ == 0 || level <= tail_level_) tail_level_ = is_tail_section(name) ? level : 0;
  if (!name.empty()) section_ = name;
  return eol + 1;
}

// Tells whether the template at `at` writes words: others are boxes.
bool Parser::template_writes_words(size_t at) {
  if (page_.brackets.kind(at) != Bracket::template_) return false;
  const size_t begin = at + 2, end = page_.find(begin, page_.brackets.close(at), '|');
  return template_role(template_name(trimmed(page_.view(begin, end))), site_.language) == TemplateRole::words;
}

void Parser::end_paragraph() {
  Paragraph paragraph = prose_.take(site_.language);
  const int64_t dropped = prose_.dropped_sentences();
  article_.lacks_first_sentence |= article_.paragraphs.empty() && section_.empty() && prose_.dropped_first();
  for (int64_t n = dropped; n > 0; --n) article_.omissions.add(Omission::sentence);
  line_begin_ = 0;
  if (!has_words(paragraph.text)) {
    if (dropped > 0) drop_lead_in_to_block();
    return;
  }
  if (tail_level_ > 0) return article_.omissions.add(Omission::tail);
  if (broken_ && drop_continuation(paragraph, site_.language)) {
    article_.omissions.add(Omission::sentence);
    if (paragraph.text.empty()) return;
  }
  if (announces_next() && !broken_) {
    append_to_lead_in(article_.paragraphs.back(), std::move(paragraph));
  } else {
    paragraph.section = section_;
    article_.paragraphs.push_back(std::move(paragraph));
  }
  leans_ = true;
  broken_ = dropped > 0;
}

void Parser::end_section() {
  end_paragraph();
  if (announces_next()) drop_lead_in_to_block();  // an image, a map
  leans_ = broken_ = false;
}

// Ends what a block is written to: on the page that is its paragraph, inside of an argument a space parts it.
void Parser::end_block() {
  if (out_ == &prose_) {
    end_paragraph();
  } else {
    out_->text(" ");
  }
}

void Parser::leave_out_block(Omission omission) {
  article_.omissions.add(omission);
  end_block();
  if (out_ == &prose_) drop_lead_in_to_block();
}

// Drops what the paragraph before a list, table or formula says of it, once that block is left out. The first sentence
// of an article stays, for nothing else says what its subject is.
void Parser::drop_lead_in_to_block() {
  if (!std::exchange(leans_, false)) return;
  broken_ = true;
  Paragraph& paragraph = article_.paragraphs.back();
  const bool tells_what_it_is =
      article_.paragraphs.size() == 1 &&
      text::sentence_ends(paragraph.text, languages::sentence_rules(site_.language), text::Quotations::whole).size() ==
          1;
  if (tells_what_it_is || !drop_lead_in(paragraph, site_.language)) return;
  article_.omissions.add(Omission::sentence);
  if (paragraph.text.empty()) article_.paragraphs.pop_back();
}

// Tells whether the last paragraph ends in a colon, and so announces what comes next.
bool Parser::announces_next() const {
  if (!leans_) return false;
  const std::string& text = article_.paragraphs.back().text;
  return text.ends_with(':') || text.ends_with("：");
}

}  // namespace kilm::wikitext
