// What the reference implementation, the repository alexa/kilm, keeps of a page, for whoever wants its data and not the
// repaired ones: `kilm prepare --compat kilm`. A1, A1-6 and the like are labels of docs/reference_faults.md. What it
// does and nobody can want is left out:
// - pages skipped after 30 seconds of wall clock (A1), which depends on the machine;
// - the whole dump in memory (A1-6), and files under names that the next step does not open (A1-7, A1-9);
// - its files of strings with <sep> in them (A4-2): paragraphs and entities are records, as they always are here. Its
// first sentences come from a model (spaCy's en_core_web_sm, on text that mwparserfromhell stripped). Here they come
// from the cleaned text by rule (sentence.h), so they may differ.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kilm/wikitext/article.h"

namespace kilm::prepare::reference {

// Tells whether a page begins with exactly #REDIRECT; nothing else counts. It is dropped and leads nowhere (A1-5).
bool is_redirect(std::string_view raw);

// Decides by five prefixes of the title, as it is written; Portal:, Help: and talk pages are articles (A1-8).
bool is_article_title(std::string_view title);

struct ReferenceArticle {
  std::optional<wikitext::Paragraph>
      paragraph;  // the lead, up to the first ==, or all of it; none if the filter drops that
  std::string short_description, first_sentence;
};

// Reads a page. `raw` has spaces between its pieces (A1-1).
prepare::reference::ReferenceArticle parse_page(std::string_view raw, bool lead);

// Returns what lies between {{short description| and the next }}, its links reduced (A1-4); empty if there is none.
std::string short_description(std::string_view raw);

// Tells whether the filter of paragraphs passes a text with its links as markup. Whole articles go through, too (A2-1).
bool keep_paragraph(std::string_view linked_text);

// Replaces links by their surface (A4). Targets lose what follows # and begin in upper case; else they stay as written
// (A1-5). A link with two bars stays as markup, and is none (A4-1).
wikitext::Paragraph read_links(std::string_view linked_text);

}  // namespace kilm::prepare::reference
