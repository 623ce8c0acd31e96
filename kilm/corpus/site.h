// The wiki that a page was written for. What its wikitext means depends on it: names of namespaces, templates of the
// same name, letters behind a link, the first letter of titles.
#pragma once

#include <string>

#include "kilm/corpus/dump.h"
#include "kilm/corpus/title.h"

namespace kilm {

struct Site {
  std::string language;  // the first part of its code in lower case: "pt" of pt-BR; empty if the dump does not say
  std::string name;      // <sitename>, or empty
  Namespaces namespaces;
  FirstLetter first_letter = FirstLetter::upper;  // of titles of articles
};

// Reads what a dump says of its wiki.
Site site_of(const SiteInfo& info);

}  // namespace kilm
