// Templates whose words no pattern can give: units, dates, numbers, places.
#pragma once

#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kilm/wikitext/templates.h"

namespace kilm::wikitext {

// What a template writes, which may be nothing; null if its arguments do not fit.
using TemplateFunction = std::optional<std::vector<TemplatePiece>> (*)(const TemplateCall&);
using TemplateFunctions = std::unordered_map<std::string_view, TemplateFunction>;

const TemplateFunctions& template_functions();  // by the name that template_table.cpp has behind an @

}  // namespace kilm::wikitext
