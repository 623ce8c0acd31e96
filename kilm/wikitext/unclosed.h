// Brackets that an editor forgot to close. MediaWiki shows them as they are written; here what they hold, names and
// values of boxes and rows of tables, would become prose. So they are closed where a reader sees their end.
#pragma once

#include <string>
#include <string_view>

#include "kilm/wikitext/brackets.h"

namespace kilm::wikitext {

// Returns `text` with what closes each open {{, {{{, {| and <table>, in time linear in its bytes.
// - Inside of a line, a template ends with its paragraph, or before the next line that is no prose; kCut tells of it.
// - One that begins a line ends with its last line of parameters, or with its own line if there are none.
// - Both end at a single }, which was meant.
// - A table ends with the last row before the next heading, or with a template that ends tables ({{end}}). One of HTML
//   ends before a paragraph that begins with no tag.
std::string close_open_brackets(std::string_view text, const Brackets& brackets);

}  // namespace kilm::wikitext
