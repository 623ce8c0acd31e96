// What is worth training on: which descriptions say something, and which paragraphs are prose.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kilm/corpus/sentence.h"  // first_sentence stands in where a description is missing
#include "kilm/corpus/wikitext.h"

namespace kilm {

// Descriptions that were meant as captions of an image come as pieces between bars, most of them layout. What the piece
// is that describes is seen from how rare it is. Trimmed; nothing if there is no bar.
std::vector<std::string_view> description_pieces(std::string_view description);

// The description of the page `title`, trimmed; nothing if it says nothing. times: how often each of its pieces occurs
// among those of all descriptions.
std::optional<std::string> choose_description(std::string_view title, std::string_view description,
                                              std::span<const int64_t> times);

// Whether a paragraph is worth keeping: not empty, no redirect, no names of files or addresses in it, not mostly line
// ends, no link to a list of a year in aviation. Whole documents may have line ends.
bool keep_paragraph(const Paragraph& paragraph, bool document_rule);

}  // namespace kilm
