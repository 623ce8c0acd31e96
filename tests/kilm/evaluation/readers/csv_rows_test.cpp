#include "kilm/evaluation/readers/csv_rows.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"
#include "tests/kilm/folder.h"

using Row = std::vector<std::string>;

TEST_CASE("rows as Python's csv reads them: tabs, quotes, line feeds in quotes") {
  const Folder folder;
  folder.write("table",
               "a\tb\r\n"
               "\"a\tb\"\t\"say \"\"x\"\"\"\n"
               "a \"b\"\t\n"
               "\"one\ntwo\n\"\tthree\n"
               "\"x\"y\"z\tw\n"
               "last");
  kilm::dump::TextSource source(folder / "table");
  const std::pair<Row, int64_t> expected[] = {{{"a", "b"}, 1},      {{"a\tb", "say \"x\""}, 2},
                                              {{"a \"b\"", ""}, 3}, {{"one\ntwo\n", "three"}, 4},
                                              {{"xy\"z", "w"}, 7},  {{"last"}, 8}};
  Row row;
  int64_t line = 0;
  for (const auto& [columns, place] : expected) {
    REQUIRE(kilm::evaluation::next_csv_row(source, row, line));
    CHECK(row == columns);
    CHECK(line == place);
  }
  CHECK(!kilm::evaluation::next_csv_row(source, row, line));
}

TEST_CASE("quotes that do not end are damage where they begin") {
  const Folder folder;
  folder.write("table", "a\tb\n\"a\nb\n");
  kilm::dump::TextSource source(folder / "table");
  Row row;
  int64_t line = 0;
  CHECK(kilm::evaluation::next_csv_row(source, row, line));
  CHECK_THROWS_WITH_AS(kilm::evaluation::next_csv_row(source, row, line),
                       (folder / "table" + ": line 2: the quotes of a column do not end").c_str(), base::DamagedInput);
}
