// Wikitext to prose: paragraphs of plain text with the links in them. A page is read in three passes, each linear in
// its bytes. strip.h drops comments and tags with content of their own, and brackets.h pairs what opens with what
// closes. Then parser.h writes the prose and jumps over whatever is left out. Templates are looked up in a table
// (templates.h), never evaluated. What is not understood is left out and counted, not guessed.
#pragma once

#include <string_view>

#include "kilm/languages/site.h"
#include "kilm/wikitext/article.h"

namespace kilm::wikitext {

// Reads the wikitext of the page `title`, in its normal form, on `site`.
Article parse_wikitext(std::string_view wikitext, const languages::Site& site, std::string_view title);

}  // namespace kilm::wikitext
