// Parentheses in prose: what stands in them the sentence does without.
#pragma once

#include <optional>
#include <string_view>

#include "kilm/wikitext/article.h"

namespace kilm::wikitext {

// Takes parentheses with a hole (strip.h) in them out, and the links in them. Those that belong to the word before
// them, as in f(x), stay with their hole.
void drop_parentheses(Paragraph& paragraph);

// Returns where the last item begins of the parentheses that are open at the end of `text`, behind what parts it from
// the one before. Nothing if none are open in the last 200 bytes.
std::optional<size_t> item_in_parentheses(std::string_view text);

}  // namespace kilm::wikitext
