#include "kilm/evaluation/readers/keyed_lines.h"

#include <doctest/doctest.h>

#include "tensor/base/json_lines.h"
#include "tests/kilm/folder.h"

using kilm::evaluation::KeyedLines;

namespace {

std::vector<std::string> keys_of(const base::Json& line) {
  std::vector<std::string> keys;
  for (const base::Json& key : base::items_at(line, "keys")) keys.push_back(key.as_string());
  return keys;
}

}  // namespace

TEST_CASE("lines are found by their keys, first by the one that names them") {
  const Folder folder;
  folder.write(
      "lines",
      "{\"n\": 0, \"keys\": [\"a\", \"b\"]}\n{\"n\": 1, \"keys\": [\"b\"]}\n{\"n\": 2, \"keys\": [\"a\", \"c\"]}\n"
      "{\"n\": 3, \"keys\": [\"d\", \"c\"]}");
  const KeyedLines lines(folder / "lines", keys_of);
  const auto number = [&](const char* key) {
    const std::optional<base::Json> line = lines.find(key);
    return line ? line->at("n").as_int() : -1;
  };
  CHECK(number("a") == 0);
  CHECK(number("b") == 1);
  CHECK(number("c") == 2);
  CHECK(number("d") == 3);
  CHECK(number("e") == -1);
}

TEST_CASE("lines by keys: damage is named with its line") {
  const Folder folder;
  for (const char* line : {"{\"keys\": [1]}", "{\"keys\"", "{}", ""}) {
    folder.write("lines", "{\"keys\": [\"a\"]}\n" + std::string(line) + "\n");
    CHECK_THROWS_WITH_AS(KeyedLines(folder / "lines", keys_of), doctest::Contains("lines: line 2"), base::DamagedInput);
  }
  folder.write("lines", "");
  CHECK_THROWS_WITH_AS(KeyedLines(folder / "lines", keys_of), doctest::Contains("is empty"), base::DamagedInput);
}
