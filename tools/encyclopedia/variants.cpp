#include "tools/encyclopedia/variants.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <string_view>
#include <utility>

#include "tools/encyclopedia/choices.h"

namespace tools::encyclopedia {

namespace {

constexpr std::string_view kDescription = "{{Short description|";

// Where the short description of a page stands in its text; empty where there is none.
struct Place {
  size_t begin = 0, size = 0;
};

Place description_of(const Page& page) {
  const size_t open = page.text.find(kDescription);
  if (page.ns != 0 || open == std::string::npos) return {};
  const size_t begin = open + kDescription.size();
  return {begin, page.text.find("}}", begin) - begin};
}

// What a link's target leads to, once redirects are followed.
struct Knowledge {
  std::string title, description;
};

std::map<std::string, Knowledge> knowledge_of(const std::vector<Page>& pages) {
  std::map<std::string, Knowledge> known;
  for (const Page& page : pages)
    if (const Place place = description_of(page); place.size > 0)
      known[page.title] = {page.title, page.text.substr(place.begin, place.size)};
  for (const Page& page : pages)
    if (const auto target = known.find(page.redirect); target != known.end()) known[page.title] = target->second;
  return known;
}

std::string annotated(const std::string& text, const std::map<std::string, Knowledge>& known) {
  std::string out;
  size_t written = 0;
  for (size_t open = text.find("[["); open != std::string::npos; open = text.find("[[", open + 2)) {
    const size_t close = text.find("]]", open);
    if (close == std::string::npos) break;
    const size_t bar = std::min(text.find('|', open), close);
    const auto target = known.find(capitalised_title(text.substr(open + 2, bar - open - 2)));
    if (target == known.end()) continue;
    size_t end = close + 2;
    while (end < text.size() && std::islower(static_cast<unsigned char>(text[end]))) ++end;  // they belong to the link
    out += text.substr(written, end - written) + " (" + target->second.title + ": " + target->second.description + ")";
    written = end;
  }
  return out + text.substr(written);
}

}  // namespace

std::vector<Page> with_permuted_descriptions(std::vector<Page> pages) {
  std::vector<std::pair<size_t, std::string>> described;  // page and its description
  for (size_t i = 0; i < pages.size(); ++i)
    if (const Place place = description_of(pages[i]); place.size > 0)
      described.emplace_back(i, pages[i].text.substr(place.begin, place.size));
  Choices choices("permuted descriptions");
  for (size_t i = described.size(); i > 1; --i)  // one cycle through all of them (Sattolo 1986): none stays
    std::swap(described[i - 1].second, described[size_t(choices.below(int(i) - 1))].second);
  for (const auto& [page, description] : described) {
    const Place place = description_of(pages[page]);
    pages[page].text.replace(place.begin, place.size, description);
  }
  return pages;
}

std::vector<Page> with_knowledge_as_text(std::vector<Page> pages) {
  const std::map<std::string, Knowledge> known = knowledge_of(pages);
  for (Page& page : pages)
    if (page.ns == 0 && page.redirect.empty()) page.text = annotated(page.text, known);
  return pages;
}

}  // namespace tools::encyclopedia
