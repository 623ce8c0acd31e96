// Pages that only tell things of one name apart, in any language: by the template that marks them, or by their title.
#pragma once

#include <string_view>

namespace kilm::languages {

// Tells whether this template marks such a page. `name` is a template_name().
bool is_disambiguation_template(std::string_view name);

// Tells whether a title itself says so in parentheses, which may be wide: Mercury (disambiguation).
bool is_disambiguation_title(std::string_view title);

}  // namespace kilm::languages
