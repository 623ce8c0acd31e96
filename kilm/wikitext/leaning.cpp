#include "kilm/wikitext/leaning.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "kilm/languages/sentence_rules.h"
#include "kilm/text/characters.h"
#include "kilm/text/sentence.h"
#include "kilm/text/unicode.h"

namespace kilm::wikitext {

namespace {

// Leaves [begin, end) of the text, and the links that lie in it.
void cut(Paragraph& paragraph, size_t begin, size_t end) {
  std::erase_if(paragraph.links,
                [&](const WikiLink& link) { return size_t(link.begin) < begin || size_t(link.end) > end; });
  for (WikiLink& link : paragraph.links) {
    link.begin -= int64_t(begin);
    link.end -= int64_t(begin);
  }
  paragraph.text = paragraph.text.substr(begin, end - begin);
}

// Tells whether a sentence may end in this letter: Thai and its neighbours write no full stops.
bool may_end_in_letter(char32_t c) { return text::is_spaceless(c) && !text::is_east_asian(c); }

// Tells whether a sentence that ends in `last` waits for what comes: a colon, comma or letter.
bool leans_forward(char32_t last) {
  if (std::u32string_view(U":,：，、،").find(last) != text::kNone) return true;
  return text::is_letter(last) && !may_end_in_letter(last);
}

bool begins_with_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.starts_with(word); });
}

// Tells whether the text begins with a particle, which joins it to the sentence as a small letter does in other
// scripts. Some may begin a word as well: they are no particles before more kana.
bool begins_with_particle(std::string_view text) {
  if (begins_with_any(text, {"がん", "へい", "へん"})) return false;
  if (begins_with_any(text, {"が", "を", "へ", "などが", "などの", "などを", "などは", "などに", "などで", "という",
                             "といった", "として", "である", "です", "からなる", "によ", "等", "的"}))
    return true;
  const char32_t next = text::first_character(text.substr(std::min<size_t>(text.size(), 3)));
  return begins_with_any(text, {"の", "に", "は", "と", "も", "で"}) && !(next >= U'ぁ' && next <= U'ゖ');
}

// Tells whether the text begins with a small letter or a particle. The small letter of "eBay" says nothing.
bool begins_in_the_middle(std::string_view text) {
  const char32_t first = text::first_character(text);
  const char32_t second = text::first_character(text.substr(std::min(text.size(), text::utf8_size(first))));
  return second != 0 && ((text::is_small(first) && !text::is_capital(second)) || begins_with_particle(text));
}

std::vector<size_t> sentence_ends(const std::string& text, std::string_view language) {
  return text::sentence_ends(text, languages::sentence_rules(language), text::Quotations::whole);
}

}  // namespace

bool drop_lead_in(Paragraph& paragraph, std::string_view language) {
  const std::string& text = paragraph.text;
  if (!leans_forward(text::last_character(text))) return false;
  const std::vector<size_t> ends = sentence_ends(text, language);
  cut(paragraph, 0, ends.size() > 1 ? ends[ends.size() - 2] : 0);
  return true;
}

bool drop_continuation(Paragraph& paragraph, std::string_view language) {
  if (!begins_in_the_middle(paragraph.text)) return false;
  const std::string& text = paragraph.text;
  const size_t end = sentence_ends(text, language).front();
  cut(paragraph, std::min(text.find_first_not_of(' ', end), text.size()), text.size());
  return true;
}

void append_to_lead_in(Paragraph& lead_in, Paragraph&& next) {
  if (!lead_in.text.ends_with("：")) lead_in.text += ' ';
  const int64_t shift = int64_t(lead_in.text.size());
  lead_in.text += next.text;
  for (WikiLink& link : next.links)
    lead_in.links.push_back({link.begin + shift, link.end + shift, std::move(link.target)});
}

}  // namespace kilm::wikitext
