// Words between double underscores that act on a page and are not shown: __NOTOC__.
#pragma once

#include <string_view>

namespace kilm::languages {

inline constexpr size_t kLongestMagicWord = 96;  // bytes

// Tells whether MediaWiki or an extension knows `name`, what stands between the underscores, in any language. Most are
// the same in any case; __INDEX__ is not, and Python's __index__ is text.
bool is_magic_word(std::string_view name);

}  // namespace kilm::languages
