#include "kilm/corpus/wikitext/leaning.h"

#include <algorithm>
#include <utility>

#include "kilm/corpus/characters.h"
#include "kilm/corpus/sentence.h"

namespace kilm {

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

// Of a word as in "eBay" the small letter says nothing.
bool begins_in_the_middle(const std::string& text) {
  return text.size() > 1 && is_lower(text[0]) && !is_upper(text[1]);
}

}  // namespace

bool drop_lead_in(Paragraph& paragraph) {
  const std::string& text = paragraph.text;
  const char last = text.empty() ? '.' : text.back();
  if (last != ':' && last != ',' && !is_letter(last) && !text.ends_with("：")) return false;
  const std::vector<size_t> ends = sentence_ends(text);
  cut(paragraph, 0, ends.size() > 1 ? ends[ends.size() - 2] : 0);
  return true;
}

bool drop_continuation(Paragraph& paragraph) {
  if (!begins_in_the_middle(paragraph.text)) return false;
  const std::string& text = paragraph.text;
  const size_t end = sentence_ends(text).front();
  cut(paragraph, std::min(text.find_first_not_of(' ', end), text.size()), text.size());
  return true;
}

void append_to_lead_in(Paragraph& lead_in, Paragraph&& next) {
  lead_in.text += ' ';
  const int64_t shift = int64_t(lead_in.text.size());
  lead_in.text += next.text;
  for (WikiLink& link : next.links)
    lead_in.links.push_back({link.begin + shift, link.end + shift, std::move(link.target)});
}

}  // namespace kilm
