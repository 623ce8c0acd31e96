// Rows of a table in CSV with tabs, as Python's csv module reads them: a column in double quotes may hold tabs, line
// feeds, and quotes that are written twice.
#pragma once

#include <string>
#include <vector>

#include "kilm/dump/text_source.h"

namespace kilm::evaluation {

// Takes the next row, or returns false behind the last one. `line` is where it begins. Throws DamagedInput, which names
// the line, if quotes do not end or the row has more than `limit` bytes.
bool next_csv_row(dump::TextSource& source, std::vector<std::string>& columns, int64_t& line, size_t limit = 1 << 26);

}  // namespace kilm::evaluation
