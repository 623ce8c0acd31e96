// The columns of a line of a table.
#pragma once

#include <string_view>
#include <vector>

namespace kilm::evaluation {

// Returns what stands between tabs: at least one column. The views are into `line`.
inline std::vector<std::string_view> columns_of(std::string_view line) {
  std::vector<std::string_view> columns;
  for (size_t tab; (tab = line.find('\t')) != line.npos; line.remove_prefix(tab + 1))
    columns.push_back(line.substr(0, tab));
  columns.push_back(line);
  return columns;
}

}  // namespace kilm::evaluation
