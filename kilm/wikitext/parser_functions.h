// Parser functions of wikitext, as {{#if:…}} and {{lc:…}}. Arithmetic, conditions that are known and the case of
// letters are done. The rest is not understood, like a template that no table knows.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "kilm/wikitext/templates.h"

namespace kilm::wikitext {

// Returns what becomes of a parser function: `words` are for expand_parser_function, the other roles as of templates.
// `lower_name` is what stands before the colon, of #tag and #invoke with the first argument; null if it names none.
std::optional<TemplateRole> parser_function_role(std::string_view lower_name);

// Returns what it writes, which may be nothing; null if that is not known. The first argument is what stands behind the
// colon; names of arguments are as they are written, and only {{#switch:…}} has them.
std::optional<std::vector<TemplatePiece>> expand_parser_function(std::string_view lower_name, const TemplateCall& call);

}  // namespace kilm::wikitext
