// Units of {{convert}} and its like, by their codes.
#pragma once

#include <string>
#include <string_view>

namespace kilm::wikitext {

struct UnitStyle {
  bool symbol = false;     // km instead of kilometres
  bool adjective = false;  // before a noun: 5-kilometre
  bool american = false;   // kilometers
};

// Writes `amount` with its unit. A code that is not known stands as it is.
std::string with_unit(const std::string& amount, std::string_view code, UnitStyle style = {});

}  // namespace kilm::wikitext
