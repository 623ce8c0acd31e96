#include "tools/encyclopedia/encyclopedia.h"

#include <algorithm>
#include <set>

#include "tools/encyclopedia/article.h"

namespace tools::encyclopedia {

namespace {

struct Namespace {
  int key;
  const char* name;
};

constexpr Namespace kNamespaces[] = {
    {-2, "Media"},    {-1, "Special"},       {0, ""},      {1, "Talk"},       {2, "User"},      {3, "User talk"},
    {4, "Wikipedia"}, {5, "Wikipedia talk"}, {6, "File"},  {7, "File talk"},  {8, "MediaWiki"}, {9, "MediaWiki talk"},
    {10, "Template"}, {11, "Template talk"}, {12, "Help"}, {13, "Help talk"}, {14, "Category"}, {15, "Category talk"}};

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

Page redirect(const std::string& title, const std::string& target) {
  return {0, title, target, "#REDIRECT [[" + target + "]]\n\n{{R from alternative name}}\n"};
}

std::string alias_title(const std::string& alias) {
  std::string title = alias.substr(alias[0] == '+');
  return capitalised_title(title.starts_with("the ") ? title.substr(4) : title);
}

// Returns the names that several entities go by, in any of their forms.
std::map<std::string, std::vector<int>> shared_names(const Tables& tables) {
  std::map<std::string, std::set<int>> bearers;
  for (int e = 0; e < int(tables.entities.size()); ++e)
    for (const std::string& name : {tables.entities[size_t(e)].name, tables.entities[size_t(e)].short_name})
      bearers[capitalised(name)].insert(e);
  std::map<std::string, std::vector<int>> shared;
  for (const auto& [name, entities] : bearers)
    if (entities.size() > 1) shared[name] = {entities.begin(), entities.end()};
  return shared;
}

Page disambiguation(const Tables& tables, const std::string& name, const std::vector<int>& bearers) {
  std::string text = "'''" + name + "''' may refer to:\n\n";
  for (const int e : bearers) {
    const Entity& entity = tables.entities[size_t(e)];
    text += "* [[" + entity.title + "]], " + entity.description + "\n";
  }
  const std::string title = tables.titles.count(name) > 0 ? name + " (disambiguation)" : name;
  return {0, title, "", text + "\n{{disambiguation}}\n"};
}

// Writes pages that readers of an encyclopedia never see, but readers of its export do.
std::vector<Page> other_pages(const Tables& tables) {
  std::vector<Page> pages = {
      {10, "Template:Reflist", "", "<references /><noinclude>Lists the references of a page.</noinclude>"},
      {10, "Template:Short description", "", "<div class=\"shortdescription\">{{{1}}}</div>"},
      {4, "Wikipedia:About", "", "This encyclopedia is written from tables of facts. See [[Talk:Earth]].\n"},
      {1, "Talk:Earth", "", "Should the lead of [[Earth]] mention the [[Moon]]? ~~~~\n"}};
  std::set<std::string> categories;
  for (const Entity& entity : tables.entities) categories.insert(entity.kind->category);
  for (const std::string& name : categories)
    pages.push_back({14, "Category:" + name, "", "All articles on " + name + ".\n"});
  return pages;
}

}  // namespace

std::vector<Page> write_pages(const Tables& tables) {
  std::vector<Page> pages;
  std::map<int, std::string> namesakes;  // entity -> title of the page on its name
  for (const auto& [name, bearers] : shared_names(tables)) {
    pages.push_back(disambiguation(tables, name, bearers));
    for (const int e : bearers) namesakes.emplace(e, pages.back().title);
  }
  ArticleWriter writer(tables);
  for (int e = 0; e < int(tables.entities.size()); ++e) {
    const Entity& entity = tables.entities[size_t(e)];
    const auto page = namesakes.find(e);
    pages.push_back({0, entity.title, "", writer.write(e, page == namesakes.end() ? "" : page->second)});
    for (const std::string& alias : entity.aliases) pages.push_back(redirect(alias_title(alias), entity.title));
  }
  for (Page& page : other_pages(tables)) pages.push_back(std::move(page));
  std::stable_sort(pages.begin(), pages.end(), [](const Page& a, const Page& b) { return a.title < b.title; });
  return pages;
}

std::string export_xml(const std::vector<Page>& pages) {
  std::string xml =
      "<mediawiki xmlns=\"http://www.mediawiki.org/xml/export-0.11/\" "
      "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
      "xsi:schemaLocation=\"http://www.mediawiki.org/xml/export-0.11/ http://www.mediawiki.org/xml/export-0.11.xsd\" "
      "version=\"0.11\" xml:lang=\"en\">\n"
      "  <siteinfo>\n    <sitename>Wikipedia</sitename>\n    <dbname>sample</dbname>\n"
      "    <generator>encyclopedia</generator>\n    <case>first-letter</case>\n    <namespaces>\n";
  for (const auto& [key, name] : kNamespaces) {
    const std::string open = "      <namespace key=\"" + std::to_string(key) + "\" case=\"first-letter\"";
    xml += open + (*name == 0 ? std::string(" />\n") : ">" + std::string(name) + "</namespace>\n");
  }
  xml += "    </namespaces>\n  </siteinfo>\n";
  for (size_t i = 0; i < pages.size(); ++i) {
    const Page& page = pages[i];
    const std::string id = std::to_string(i + 1);
    xml += "  <page>\n    <title>" + escaped(page.title) + "</title>\n    <ns>" + std::to_string(page.ns) +
           "</ns>\n    <id>" + id + "</id>\n";
    if (!page.redirect.empty()) xml += "    <redirect title=\"" + escaped(page.redirect) + "\" />\n";
    xml += "    <revision>\n      <id>" + id +
           "</id>\n      <timestamp>2026-01-01T00:00:00Z</timestamp>\n"
           "      <contributor>\n        <username>Encyclopedia</username>\n        <id>1</id>\n      </contributor>\n"
           "      <origin>" +
           id +
           "</origin>\n      <model>wikitext</model>\n      <format>text/x-wiki</format>\n"
           "      <text bytes=\"" +
           std::to_string(page.text.size()) + "\" xml:space=\"preserve\">" + escaped(page.text) +
           "</text>\n    </revision>\n  </page>\n";
  }
  return xml + "</mediawiki>\n";
}

}  // namespace tools::encyclopedia
