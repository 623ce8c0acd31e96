#include "kilm/evaluation/readers/csv_rows.h"

#include "tensor/base/format.h"

namespace kilm::evaluation {

namespace {

using base::check;
using base::DamagedInput;

// Appends a line to the columns. `quoted` tells whether its begin, and then its end, lies within quotes.
void append_line(std::string_view line, std::vector<std::string>& columns, bool& quoted) {
  bool begins = !quoted;  // a column does
  if (begins) columns.emplace_back();
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool at_begin = begins;
    begins = false;
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      columns.back() += line[++i];
    } else if (c == '"' && (quoted || at_begin)) {
      quoted = !quoted;
    } else if (c == '\t' && !quoted) {
      columns.emplace_back();
      begins = true;
    } else {
      columns.back() += c;
    }
  }
}

}  // namespace

bool next_csv_row(dump::TextSource& source, std::vector<std::string>& columns, int64_t& line, size_t limit) {
  columns.clear();
  if (!source.next_line(limit)) return false;
  line = source.line();
  bool quoted = false;
  for (size_t size = 0;;) {
    std::string_view text = source.text();
    if (text.ends_with('\r')) text.remove_suffix(1);
    append_line(text, columns, quoted);
    size += text.size() + 1;
    if (!quoted) return true;
    columns.back() += '\n';
    check<DamagedInput>(size <= limit && source.next_line(limit), "{}: line {}: the quotes of a column do not end",
                        source.name(), line);
  }
}

}  // namespace kilm::evaluation
