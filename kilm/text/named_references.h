// Names of characters: &eacute;
#pragma once

#include <span>
#include <string_view>

namespace kilm::text {

struct NamedReference {
  std::string_view name;  // without & and ;
  std::string_view text;  // one character or two, in UTF-8
};

// Returns those of HTML 5 and MediaWiki, sorted by the bytes of their names, each of which is at most 32 bytes long.
std::span<const NamedReference> named_references();

}  // namespace kilm::text
