// What the templates of the Wikipedias are for, by language. {{citation}} is a note in English, and a quotation in the
// middle of a sentence in French.
#pragma once

#include <span>
#include <string_view>

namespace kilm::languages {

// Names are template_name()s parted by commas; one of several letters may begin or end in * for any text. What they
// write is a pattern (templates.h) or, behind an @, one of template_functions() or a parser function.
struct TemplateRule {
  std::string_view names, text;
};

struct TemplateSection {
  std::string_view languages;  // parted by spaces; empty for all
  std::span<const TemplateRule> words;
  std::string_view notes;   // templates that write notes: they are silent, and counted as references
  std::string_view silent;  // those that write nothing, or nothing that belongs into the sentence
};

// Returns all sections, that for all languages last. A language without a section of its own reads the English one.
std::span<const TemplateSection> template_sections();

}  // namespace kilm::languages
