// A list of strings as Python writes it: ['it\'s', "a 'b'", '\xa0']. It is parsed, and nothing in it is ever evaluated.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kilm::evaluation {

// Returns the strings. Throws Error, which names byte and reason, for everything else: numbers, calls, bytes, strings
// without a comma between, a surrogate, text behind the list.
std::vector<std::string> python_list(std::string_view text);

}  // namespace kilm::evaluation
