// Wikitext to prose: paragraphs of plain text with the links in them. A page is read in three passes, each linear in
// its bytes: strip.h drops comments and tags with content of their own, brackets.h pairs what opens with what closes,
// and this one writes the prose, jumping over whatever is left out. Templates are looked up in a table (templates.h),
// never evaluated. What is not understood is left out and counted, not guessed.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "kilm/languages/site.h"
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

// Reads the wikitext of the page `title`, in its normal form, on `site`.
Article parse_wikitext(std::string_view wikitext, const languages::Site& site, std::string_view title);

}  // namespace kilm::wikitext
