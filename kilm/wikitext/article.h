// What a page of wikitext becomes: paragraphs of prose with the links in them.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "kilm/wikitext/omissions.h"

namespace kilm::wikitext {

struct WikiLink {
  int64_t begin = 0, end = 0;  // bytes of the paragraph's text
  std::string target;          // normalised title without fragment
};

// A block of prose: one line, single spaces, no markup. Items of lists, tables and indented lines are none. What a
// colon announces at the end of one, as a quotation, is in it.
struct Paragraph {
  std::string section;  // the nearest heading; empty in the lead
  std::string text;
  std::vector<WikiLink> links;  // in order, apart from each other
};

struct Article {
  std::deque<Paragraph> paragraphs;
  std::string short_description;      // of {{short description|…}}; empty if there is none
  bool lacks_first_sentence = false;  // it was left out: the paragraphs begin with another one
  bool disambiguation = false;        // by template or magic word; see also is_disambiguation_title
  Omissions omissions;
  int64_t work = 0;  // bytes looked at over all passes: at most a small multiple of the page's
};

}  // namespace kilm::wikitext
