// The wiki that a page was written for. What its wikitext means depends on it: names of namespaces, templates of the
// same name, letters behind a link, the first letter of titles.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "kilm/languages/title.h"

namespace kilm::languages {

// What a dump says of its wiki.
struct SiteInfo {
  std::string language;                                     // xml:lang of the root, or ""
  std::string name, database, base;                         // <sitename>, <dbname> and <base>, or ""
  bool case_sensitive = false;                              // titles of articles keep the case of their first letter
  std::vector<std::pair<int64_t, std::string>> namespaces;  // number and name as <siteinfo> lists them
};

struct Site {
  std::string language;  // the first part of its code in lower case: "pt" of pt-BR; empty if the dump does not say
  std::string name;      // <sitename>, or empty
  Namespaces namespaces;
  FirstLetter first_letter = FirstLetter::upper;  // of titles of articles
};

Site site_of(const SiteInfo& info);

}  // namespace kilm::languages
