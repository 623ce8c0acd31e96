// Wikitext to text as the reference implementation does it (step A1 of docs/reference_faults.md): a row of
// substitutions that know nothing of each other. Links to articles stay as markup, [[Target|surface]], and headings as
// lines with ==. Every step is linear in the bytes of the page.
#pragma once

#include <string>
#include <string_view>

namespace kilm::prepare::reference {

// Cleans `raw`. It is as the dump holds it, or with spaces between its pieces (TextPieces::spaced in dump.h), as the
// reference sees it.
std::string clean(std::string_view raw);
std::string post_clean(std::string_view text);

// Reduces [[Target|surface]] to surface, and [[Target]] to Target.
std::string reduce_links(std::string_view text);

// Returns the text without white space at its ends.
std::string_view stripped(std::string_view text);

// Drops all occurrences of `word`.
std::string without(std::string_view text, std::string_view word);

// Puts A to Z in lower case; the length stays.
std::string ascii_lower(std::string_view text);

}  // namespace kilm::prepare::reference
