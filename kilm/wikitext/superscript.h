// Raised and lowered numbers: 10<sup>-5</sup> and {{e|-5}} are 10⁻⁵, not 10-5, and 10<sub>2</sub> is 10₂, not 102.
#pragma once

#include <string>
#include <string_view>

namespace kilm::wikitext {

// Raises `text` if it is a number of digits and signs, at most 12 bytes long; empty if it is none.
std::string superscript(std::string_view text);
std::string subscript(std::string_view text);

}  // namespace kilm::wikitext
