// Variables of MediaWiki: words in double braces that look like templates. They stand for something of the page, of the
// wiki or of the day on which it is read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kilm::languages {

enum class Variable : uint8_t {
  none,
  title,       // {{PAGENAME}} and its family: articles have no namespace, and all of a title is its last part
  address,     // the same as it is in an address: {{PAGENAMEE}}
  namespace_,  // of which articles have none
  site_name,
  unknown  // {{CURRENTYEAR}}: it writes something that a dump does not tell
};

// Returns what `name`, without braces and spaces around it, is in any language.
Variable variable_of(std::string_view name);

// Returns a title as it is in an address: _ for spaces, % codes for what addresses do not hold.
std::string title_in_address(std::string_view title);

}  // namespace kilm::languages
