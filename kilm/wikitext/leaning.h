// Sentences that lean on a block that is left out: "The parts are:" before a list, "where n is the number" behind a
// formula. Without the block they are no sentences.
#pragma once

#include "kilm/wikitext/wikitext.h"

namespace kilm::wikitext {

// Takes the last sentence away if it ends without its end, in a colon, comma or letter; returns whether it did. Letters
// and commas are those of any script.
bool drop_lead_in(Paragraph& paragraph);

// Takes the first sentence away if it begins in the middle, with a small letter or a particle of Japanese or Chinese;
// returns whether it did.
bool drop_continuation(Paragraph& paragraph);

// Puts what a colon at the end of the lead-in announces behind it: who says it, and what is said.
void append_to_lead_in(Paragraph& lead_in, Paragraph&& next);

}  // namespace kilm::wikitext
