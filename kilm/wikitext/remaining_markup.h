// Markup that a paragraph still has, or what looks like it: the measure of the passes before.
#pragma once

#include <string_view>

namespace kilm::wikitext {

// Tells whether there are braces, brackets and apostrophes in pairs, bars, tags, character references, magic words.
bool has_markup(std::string_view text);

}  // namespace kilm::wikitext
