// Text inside of HTML and SVG.
#pragma once

#include <string>
#include <string_view>

namespace kilm::report {

// Escapes text between tags and in quoted attributes. Control characters other than line ends, which HTML cannot hold,
// become U+FFFD.
std::string escape_markup(std::string_view text);

}  // namespace kilm::report
