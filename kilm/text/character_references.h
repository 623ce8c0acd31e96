// Character references of HTML (&nbsp; &#8211; &#x2013;) and UTF-8, the two ways in which wikitext writes a character.
#pragma once

#include <string>
#include <string_view>

namespace kilm::text {

struct CharacterReference {
  std::string text = {};  // one character, or one with a mark behind it, in UTF-8
  size_t bytes = 0;       // of the reference with & and ;, 0 if there is none
};

// Returns the reference at the start of `text`. Names are those of HTML 5, case matters. Numbers from 128 to 159 mean
// Windows-1252, as in browsers; other numbers that MediaWiki refuses are no reference.
CharacterReference character_reference_at(std::string_view text);

// Replaces the references in `text`, once: &amp;lt; becomes &lt;.
std::string decode_character_references(std::string_view text);

}  // namespace kilm::text
