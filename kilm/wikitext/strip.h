// The first pass over wikitext. Comments go, and so do tags whose content is not wikitext (references, formulas, code,
// galleries). Content of <nowiki> stays; its signs become entities, so that no later pass takes them for markup. Runs
// of apostrophes that MediaWiki reads as apostrophe and italics ('' '' 's) are settled line by line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "kilm/wikitext/omissions.h"

namespace kilm::wikitext {

// Stand where something was left out: a gap where the sentence reads on without it, a hole where it may have been a
// word. prose.h tidies the punctuation around the one and drops the sentence of the other.
inline constexpr char kGap = '\x01', kHole = '\x02';
// A bar that {{!}} wrote: links and tables read it as one, while between arguments of a template it is text.
inline constexpr char kBar = '\x03';
// Where a template was closed that nobody had closed inside of a line: how much of the sentence is its own is not
// known.
inline constexpr char kCut = '\x04';
inline bool is_left_out(char c) { return c == kGap || c == kHole; }

// Replaces control characters by spaces; a carriage return goes. A reference and a gallery that are never closed take
// the rest of their paragraph with them; of other tags only the tag goes. `work` grows by the bytes looked at.
std::string strip(std::string_view wikitext, Omissions& omissions, int64_t& work);

}  // namespace kilm::wikitext
