// Pages that only tell things of one name apart, in any language: by the template that marks them, or by their title.
#pragma once

#include <string_view>

namespace kilm::languages {

// `name` is a template_name().
bool is_disambiguation_template(std::string_view name);

// Whether a title says it of itself in parentheses, which may be wide: Mercury (disambiguation).
bool is_disambiguation_title(std::string_view title);

}  // namespace kilm::languages
