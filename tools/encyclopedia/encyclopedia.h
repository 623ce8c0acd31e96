// The sample encyclopedia: articles on real things, written from tables of facts, as a MediaWiki export.
#pragma once

#include <string>
#include <vector>

#include "tools/encyclopedia/tables.h"

namespace tools::encyclopedia {

struct Page {
  int ns;
  std::string title;
  std::string redirect;  // the title it leads to, or empty
  std::string text;      // wikitext
};

// Writes articles, redirects, disambiguation pages and some of other namespaces. Equal tables give equal pages.
std::vector<Page> write_pages(const Tables& tables);

// Returns the XML of an export with these pages, schema 0.11.
std::string export_xml(const std::vector<Page>& pages);

}  // namespace tools::encyclopedia
