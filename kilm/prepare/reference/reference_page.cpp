#include "kilm/prepare/reference/reference_page.h"

#include <algorithm>

#include "kilm/languages/sentence_rules.h"
#include "kilm/languages/title.h"
#include "kilm/prepare/reference/reference_text.h"
#include "kilm/text/characters.h"
#include "kilm/text/sentence.h"

namespace kilm::prepare::reference {

namespace {

// Calls f(where [[ begins, what stands between it and the next ]] of the line) for each link.
template <class F>
void for_links(std::string_view text, F&& f) {
  size_t line_end = 0;
  for (size_t begin = 0; (begin = text.find("[[", begin)) != text::kNone;) {
    if (begin >= line_end) line_end = std::min(text.find('\n', begin), text.size());
    const size_t end = text.substr(0, line_end).find("]]", begin + 2);
    if (end != text::kNone) f(begin, text.substr(begin + 2, end - begin - 2));
    begin = end != text::kNone ? end + 2 : line_end;
  }
}

std::string first_line(std::string_view text) {
  text = prepare::reference::stripped(text);
  return std::string(text.substr(0, text.find('\n')));
}

}  // namespace

bool is_redirect(std::string_view raw) { return raw.starts_with("#REDIRECT"); }

bool is_article_title(std::string_view title) {
  for (const char* prefix : {"Category:", "File:", "Template:", "Draft:", "Wikipedia:"})
    if (title.starts_with(prefix)) return false;
  return true;
}

prepare::reference::ReferenceArticle parse_page(std::string_view raw, bool lead) {
  const std::string text = prepare::reference::post_clean(prepare::reference::clean(raw));
  prepare::reference::ReferenceArticle article{
      {},
      prepare::reference::short_description(raw),
      text::first_sentence(prepare::reference::reduce_links(first_line(text)), languages::sentence_rules({}))};
  const std::string_view paragraph =
      prepare::reference::stripped(lead ? std::string_view(text).substr(0, text.find("==")) : text);
  if (prepare::reference::keep_paragraph(paragraph)) article.paragraph = prepare::reference::read_links(paragraph);
  return article;
}

std::string short_description(std::string_view raw) {
  static constexpr std::string_view kBegin = "{{short description|";
  const size_t begin = prepare::reference::ascii_lower(raw).find(kBegin);
  if (begin == text::kNone) return {};
  raw.remove_prefix(begin + kBegin.size());
  const size_t end = raw.find("}}");
  return end == text::kNone ? std::string() : prepare::reference::reduce_links(raw.substr(0, end));
}

bool keep_paragraph(std::string_view text) {
  if (text.empty() || prepare::reference::ascii_lower(text.substr(0, 8)) == "redirect") return false;
  for (const std::string_view name : {"File:", "http:", "https:", "Image:"})
    if (text.find(name) != text::kNone) return false;
  const auto line_ends = std::count(text.begin(), text.end(), '\n');
  const auto characters = std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
  if (line_ends * 100 >= characters) return false;
  bool aviation = false;
  for_links(text, [&](size_t, std::string_view inside) { aviation |= inside.find("in aviation") != text::kNone; });
  return !aviation;
}

wikitext::Paragraph read_links(std::string_view linked_text) {
  const std::string text = prepare::reference::without(linked_text, "[[]]");
  wikitext::Paragraph paragraph;
  size_t at = 0;
  for_links(text, [&](size_t begin, std::string_view inside) {
    const size_t bar = inside.find('|');
    if (bar != inside.rfind('|')) return;
    const std::string_view target = inside.substr(0, bar);
    const std::string_view surface = bar == text::kNone ? target : inside.substr(bar + 1);
    paragraph.text.append(text, at, begin - at);
    at = begin + inside.size() + 4;
    const auto start = int64_t(paragraph.text.size());
    paragraph.text += surface;
    if (target.empty() || surface.empty()) return;
    const std::string_view page = target.substr(0, target.find('#'));
    paragraph.links.push_back(
        {start, int64_t(paragraph.text.size()), languages::upper_first(std::string(page.empty() ? target : page))});
  });
  paragraph.text.append(text, at);
  return paragraph;
}

}  // namespace kilm::prepare::reference
