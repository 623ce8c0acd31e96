// Names that wikitext gives a meaning: of sections, tags and other projects.
#pragma once

#include <cstdint>
#include <string_view>

namespace kilm::wikitext {

// Sections that list and do not tell; those below them and until the next heading of their level go too. (The reference
// drops all that follows, which loses text where such a section stands in the middle.)
bool is_tail_section(std::string_view heading);

enum class TagKind : uint8_t { inline_, space, block, item, unknown };

TagKind tag_kind(std::string_view lower_name);

// Whether a template ends a table by its name: {{end}}, {{s-end}}, {{table bottom}}.
bool ends_table(std::string_view template_name);

// Links to other projects, whose surface is part of the sentence. One letter or a name; languages have two and three.
bool is_project(std::string_view lower_prefix);

// Whether it is a code like fr, ceb, simple, zh-min-nan: two or three small letters, and more behind hyphens.
bool is_language(std::string_view prefix);

// Whether links with this prefix lead to the same page in another language. It is a code as above, or in any letter
// case one of a wiki that exists. CSI: Miami is a title.
bool is_language_prefix(std::string_view prefix);

}  // namespace kilm::wikitext
