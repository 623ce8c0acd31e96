#include "tensor/base/json_lines.h"

#include <doctest/doctest.h>

#include "tests/kilm/folder.h"

using base::DamagedInput;
using base::Json;

namespace {

std::string name_in(const Json& json) { return base::string_at(json, "name"); }

// Returns what is wrong with the second of two lines.
std::string complaint(const std::string& line) {
  const Folder folder;
  folder.write("file", "{\"name\": \"one\"}\n" + line);
  base::JsonLines lines(folder / "file");
  CHECK(lines.next(name_in) == "one");
  try {
    lines.next(name_in);
  } catch (const DamagedInput& error) {
    const std::string message = error.what(), file = folder / "file: ";
    REQUIRE(message.starts_with(file));
    return message.substr(file.size());
  }
  return "";
}

}  // namespace

TEST_CASE("json lines: values come one at a time, and nothing behind the last") {
  const Folder folder;
  folder.write("file", "{\"name\": \"one\"}\n{\"name\": \"two\"}");
  base::JsonLines lines(folder / "file");
  CHECK(lines.next(name_in) == "one");
  CHECK(lines.next(name_in) == "two");
  CHECK(lines.place() == folder / "file: line 2");
  CHECK(!lines.next(name_in));
}

TEST_CASE("json lines: a line that is wrong is named with the reason") {
  CHECK(complaint("{\"name\": 1}") == "line 2: name: expected a string, found an integer");
  CHECK(complaint("{}\n") == "line 2: no entry \"name\"");
  CHECK(complaint("[]\n") == "line 2: no entry \"name\"");
  CHECK(complaint("{\"name\": \n").starts_with("line 2: offset "));
  CHECK(complaint("\n{\"name\": \"three\"}").starts_with("line 2: "));
  CHECK(complaint("{\"name\": \"two\"}") == "");
}

TEST_CASE("json lines: errors of other kinds stay what they are") {
  const Folder folder;
  folder.write("file", "{}\n");
  base::JsonLines lines(folder / "file");
  CHECK_THROWS_AS(lines.next([](const Json&) -> int { throw base::OutOfMemory("full"); }), base::OutOfMemory);
}
