// What is worth training on: which descriptions say something, and which paragraphs are prose. What is decided by how a
// text is worded costs good ones, so it is little.
#pragma once

#include <string_view>

namespace kilm::prepare {

// Tells whether a description says what its page is about. An empty one does not. Nor do lists of what a name may refer
// to, notices of a redirect, or words that are not about the page.
bool says_something(std::string_view description);

// Tells whether a paragraph is worth keeping: no notice of a redirect, no names of files or addresses in it.
bool keep_paragraph(std::string_view text);

}  // namespace kilm::prepare
