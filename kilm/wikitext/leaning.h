// Sentences that lean on a block that is left out: "The parts are:" before a list, "where n is the number" behind a
// formula. Without the block they are no sentences.
#pragma once

#include <string_view>

#include "kilm/wikitext/article.h"

namespace kilm::wikitext {

// Takes the last sentence away if it ends without its end, in a colon, comma or letter; returns whether it did. Letters
// and commas are those of any script. The language tells where sentences end, English if it is empty.
bool drop_lead_in(Paragraph& paragraph, std::string_view language = {});

// Takes the first sentence away if it begins in the middle: with a small letter, or a particle of Japanese or Chinese.
// Returns whether it did.
bool drop_continuation(Paragraph& paragraph, std::string_view language = {});

// Puts what a colon at the end of the lead-in announces behind it: who says it, and what is said.
void append_to_lead_in(Paragraph& lead_in, Paragraph&& next);

}  // namespace kilm::wikitext
