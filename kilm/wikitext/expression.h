// Arithmetic as wikitext has it in {{#expr:…}}: numbers, + - * / div mod ^ round, comparisons, and, or, not, and the
// functions of a calculator.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kilm::wikitext {

// Returns the value of `expression`, at most 1000 bytes; null if it has none: a fault in it, a division by zero.
std::optional<double> evaluate_expression(std::string_view expression);

// Writes `value` as MediaWiki does, with up to 14 digits; null beyond what it writes without an exponent.
std::optional<std::string> written_value(double value);

}  // namespace kilm::wikitext
