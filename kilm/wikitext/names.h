// Names that wikitext gives a meaning: of sections, tags and other projects.
#pragma once

#include <cstdint>
#include <string_view>

namespace kilm::wikitext {

// Tells whether a section lists and does not tell. It goes with those below it, up to the next heading of its level.
// (The reference drops all that follows, which loses text where such a section stands in the middle.)
bool is_tail_section(std::string_view heading);

enum class TagKind : uint8_t { inline_, space, block, item, unknown };

TagKind tag_kind(std::string_view lower_name);

// Tells whether a template ends a table, by its name: {{end}}, {{s-end}}, {{table bottom}}.
bool ends_table(std::string_view template_name);

// Tells whether a link leads to another project; its surface is part of the sentence. The prefix is one letter or a
// name; languages have two and three.
bool is_project(std::string_view lower_prefix);

// Tells whether a prefix is a code like fr, ceb, simple, zh-min-nan: two or three small letters, more behind hyphens.
bool is_language(std::string_view prefix);

// Tells whether links with this prefix lead to the same page in another language. It is a code as above, or in any
// letter case one of a wiki that exists. CSI: Miami is a title.
bool is_language_prefix(std::string_view prefix);

}  // namespace kilm::wikitext
