// The sample encyclopedia: what it promises to those who train on it and to those who read it.
#include "tools/encyclopedia/encyclopedia.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "tensor/base/error.h"

using namespace tools::encyclopedia;

namespace {

const std::vector<Page>& pages() {
  static const std::vector<Page> pages = write_pages(read_tables(KILM_FACTS));
  return pages;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

bool is_article(const Page& page) {
  return page.ns == 0 && page.redirect.empty() && !contains(page.text, "{{disambiguation}}");
}

// Returns `text` without what stands between `open` and `close`, nested or not.
std::string without(const std::string& text, const std::string& open, const std::string& close) {
  std::string out;
  int depth = 0;
  for (size_t at = 0; at < text.size();) {
    if (text.compare(at, open.size(), open) == 0) {
      ++depth;
      at += open.size();
    } else if (depth > 0 && text.compare(at, close.size(), close) == 0) {
      --depth;
      at += close.size();
    } else {
      if (depth == 0) out += text[at];
      ++at;
    }
  }
  return out;
}

// Returns the paragraphs of running text, with their links.
std::vector<std::string> paragraphs(const Page& page) {
  std::string text = page.text;
  for (size_t open = text.find("<ref"); open != std::string::npos; open = text.find("<ref", open)) {
    const size_t end = text.find('>', open);
    text.erase(open, (text[end - 1] == '/' ? end + 1 : text.find("</ref>", open) + 6) - open);
  }
  text = without(without(without(text, "<!--", "-->"), "{|", "|}"), "{{", "}}");
  std::vector<std::string> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (!line.empty() && line[0] != '=' && line[0] != '*' && !line.starts_with("[[File:") &&
        !line.starts_with("[[Category:"))
      found.push_back(line);
  return found;
}

struct Link {
  std::string target, surface;
};

std::vector<Link> links(const std::string& text) {
  std::vector<Link> found;
  for (size_t open = text.find("[["); open != std::string::npos; open = text.find("[[", open + 2)) {
    const std::string inside = text.substr(open + 2, text.find("]]", open) - open - 2);
    Link link{inside.substr(0, inside.find('|')), inside.substr(inside.find('|') + 1)};
    link.target = capitalised_title(link.target.substr(0, link.target.find('#')));
    found.push_back(link);
  }
  return found;
}

// Returns the five-word sequences of an article's text, without linked names.
std::set<std::string> shingles(const Page& page) {
  std::set<std::string> found;
  for (const std::string& paragraph : paragraphs(page)) {
    std::istringstream text(without(paragraph, "[[", "]]"));
    const std::vector<std::string> words(std::istream_iterator<std::string>(text), {});
    for (size_t i = 0; i + 5 <= words.size(); ++i)
      found.insert(words[i] + ' ' + words[i + 1] + ' ' + words[i + 2] + ' ' + words[i + 3] + ' ' + words[i + 4]);
  }
  return found;
}

// Returns where each title leads, after redirects.
std::map<std::string, std::string> destinations() {
  std::map<std::string, std::string> found;
  for (const Page& page : pages())
    if (page.ns == 0) found[page.title] = page.redirect.empty() ? page.title : page.redirect;
  return found;
}

int count_pages(bool (*wanted)(const Page&)) { return int(std::count_if(pages().begin(), pages().end(), wanted)); }

}  // namespace

TEST_CASE("the encyclopedia has as many articles, links and redirects as it promises") {
  CHECK(count_pages(is_article) >= 330);
  CHECK(count_pages([](const Page& page) { return !page.redirect.empty(); }) >= 100);
  CHECK(count_pages([](const Page& page) { return contains(page.text, "{{disambiguation}}"); }) >= 40);
  CHECK(count_pages([](const Page& page) { return page.ns != 0; }) >= 10);
  size_t linked = 0, written = 0;
  for (const Page& page : pages()) {
    if (!is_article(page)) continue;
    for (const std::string& paragraph : paragraphs(page)) {
      ++written;
      linked += links(paragraph).size();
    }
  }
  CHECK(written >= 1500);
  CHECK(linked >= 5000);
}

TEST_CASE("an article has the markup of a real one") {
  const auto share = [](const std::string& markup) {
    int found = 0;
    for (const Page& page : pages()) found += is_article(page) && contains(page.text, markup);
    return double(found) / count_pages(is_article);
  };
  for (const char* everywhere : {"{{Short description|", "{{Infobox ", "<ref name=", "{{cite book", "'''",
                                 "{{reflist}}", "[[Category:", "== References =="})
    CHECK_MESSAGE(share(everywhere) == 1, everywhere);
  for (const char* somewhere : {"{| class=\"wikitable\"", "[[File:", "<!--", "{{convert|", "&nbsp;", "{{Other uses|",
                                "#References|", "== See also ==", "]]s"})
    CHECK_MESSAGE(share(somewhere) > 0, somewhere);
}

TEST_CASE("short descriptions are short and distinct") {
  std::set<std::string> seen;
  for (const Page& page : pages()) {
    if (!is_article(page)) continue;
    const size_t begin = page.text.find('|') + 1;
    const std::string description = page.text.substr(begin, page.text.find("}}") - begin);
    CHECK_MESSAGE(seen.insert(description).second, description);
    const auto spaces = std::count(description.begin(), description.end(), ' ');
    CHECK_MESSAGE(spaces >= 1, page.title);
    CHECK_MESSAGE(spaces <= 6, page.title);
  }
}

TEST_CASE("every link leads to a page, and none to its own article") {
  const auto titles = destinations();
  for (const Page& page : pages()) {
    if (page.ns != 0) continue;
    if (!page.redirect.empty()) CHECK_MESSAGE(titles.count(page.redirect) == 1, page.title);
    for (const std::string& paragraph : paragraphs(page))
      for (const Link& link : links(paragraph)) {
        if (link.target.starts_with("File:")) continue;
        const auto found = titles.find(link.target);
        CHECK_MESSAGE(found != titles.end(), page.title << " links to " << link.target);
        if (is_article(page) && found != titles.end()) CHECK_MESSAGE(found->second != page.title, page.title);
      }
  }
}

TEST_CASE("every entity is mentioned in at least six paragraphs, and many share their names") {
  const auto titles = destinations();
  std::map<std::string, int> mentions;
  std::map<std::string, std::set<std::string>> surfaces;
  for (const Page& page : pages()) {
    if (!is_article(page)) continue;
    for (const std::string& paragraph : paragraphs(page)) {
      std::set<std::string> here;
      for (const Link& link : links(paragraph)) {
        here.insert(titles.at(link.target));
        surfaces[link.surface].insert(titles.at(link.target));
      }
      for (const std::string& title : here) ++mentions[title];
    }
  }
  for (const Page& page : pages())
    if (is_article(page)) CHECK_MESSAGE(mentions[page.title] >= 6, page.title);
  CHECK(std::count_if(surfaces.begin(), surfaces.end(), [](const auto& s) { return s.second.size() > 1; }) >= 40);
}

TEST_CASE("no two articles read alike") {
  std::set<std::string> leads;
  std::map<std::string, size_t> length;                         // in shingles
  std::map<std::string, std::vector<std::string>> articles_of;  // per shingle
  for (const Page& page : pages()) {
    if (!is_article(page)) continue;
    CHECK_MESSAGE(leads.insert(paragraphs(page)[0]).second, page.title);
    for (const std::string& shingle : shingles(page)) {
      ++length[page.title];
      articles_of[shingle].push_back(page.title);
    }
  }
  std::map<std::pair<std::string, std::string>, int> common;
  for (const auto& [shingle, articles] : articles_of)
    for (size_t i = 0; i < articles.size(); ++i)
      for (size_t j = i + 1; j < articles.size(); ++j) ++common[{articles[i], articles[j]}];
  CHECK(common.size() > 0);
  for (const auto& [pair, count] : common)
    CHECK_MESSAGE(double(count) <= 0.25 * double(std::min(length[pair.first], length[pair.second])),
                  pair.first << " and " << pair.second);
}

TEST_CASE("the export holds every page with its text escaped and its length") {
  const std::string xml = export_xml(pages());
  CHECK(xml.starts_with("<mediawiki xmlns=\"http://www.mediawiki.org/xml/export-0.11/\""));
  CHECK(xml.ends_with("</mediawiki>\n"));
  size_t at = 0;
  for (const Page& page : pages()) {
    const size_t begin = xml.find("<text bytes=\"", at);
    REQUIRE(begin != std::string::npos);
    const size_t open = xml.find('>', begin), close = xml.find("</text>", open);
    CHECK(std::stoul(xml.substr(begin + 13)) == page.text.size());
    std::string text = xml.substr(open + 1, close - open - 1);
    CHECK(!contains(text, "<"));
    for (const auto& [entity, letter] : {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&amp;", "&"}})
      for (size_t e = text.find(entity); e != std::string::npos; e = text.find(entity, e + 1))
        text.replace(e, std::string(entity).size(), letter);
    CHECK(text == page.text);
    at = close;
  }
  CHECK(xml.find("<text", at + 7) == std::string::npos);
}

TEST_CASE("the same tables make the same encyclopedia") {
  CHECK(export_xml(write_pages(read_tables(KILM_FACTS))) == export_xml(pages()));
}

TEST_CASE("a mistake in a table is refused with file, line and reason") {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / "kilm_encyclopedia_test";
  fs::remove_all(folder);
  fs::create_directories(folder);
  for (const char* file : {"kinds.tsv", "plans.tsv"}) fs::copy(fs::path(KILM_FACTS) / file, folder / file);
  const auto message = [&](const std::string& facts) {
    std::ofstream(folder / "facts.tsv") << facts;
    try {
      write_pages(read_tables(folder));
    } catch (const base::DamagedInput& error) {
      const std::string text = error.what();
      return text.substr(text.find("facts.tsv"));
    }
    return std::string("nothing");
  };
  const std::string oslo = "entity\tOslo\tcity\t\tCapital of Norway\t\nlead\t'''Oslo''' is a city.\n";
  CHECK(message("lead\tText.\n") == "facts.tsv, line 1: a row before the first entity");
  CHECK(message("entity\tOslo\ttown\t\tCapital of Norway\t\n") == "facts.tsv, line 1: unknown kind town");
  CHECK(message(oslo + "is in\tNorway\n") == "facts.tsv, line 3: unknown relation is in");
  CHECK(message(oslo + oslo) == "facts.tsv, line 3: Oslo is there twice");
  CHECK(message(oslo + "city in\tNorway\n") == "facts.tsv, line 3: no entity Norway");
  CHECK(message(oslo + "remark\tIt is far from [[Rome]].\n") == "facts.tsv, line 3: no entity Rome");
  fs::remove_all(folder);
}
