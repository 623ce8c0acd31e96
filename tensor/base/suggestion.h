// "Did you mean": the known name that a mistyped word is nearest to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace base {

// Returns the candidate at the smallest edit distance (insert, delete or replace a letter), as " (did you mean X?)".
// Returns "" above a distance of 2 or where the whole word would change.
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace base
