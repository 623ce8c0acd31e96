#include "kilm/evaluation/readers/json_items.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"
#include "tests/kilm/folder.h"

using kilm::evaluation::JsonItems;

namespace {

// Returns the items with the lines that they begin on, or what is wrong, without the path.
std::string read(const std::string& text, const std::string& key) {
  const Folder folder;
  folder.write("text", text);
  kilm::dump::TextSource source(folder / "text");
  JsonItems items(source, key);
  std::string result;
  try {
    while (const auto item = items.next()) result += std::to_string(items.line()) + " " + item->dump() + "; ";
  } catch (const base::DamagedInput& error) {
    const std::string message = error.what();
    REQUIRE(message.starts_with(folder / "text: "));
    return result + message.substr((folder / "text: ").size());
  }
  return result;
}

}  // namespace

TEST_CASE("items of a list that is the text, or an entry of it") {
  CHECK(read("[{\"a\": 1},\n {\"b\": \"}]\\\"\"}\n]\n", "") == "1 {\"a\": 1}; 2 {\"b\": \"}]\\\"\"}; ");
  CHECK(read(" [ ] ", "") == "");
  CHECK(read("{\"x\": [1, {\"Data\": [2]}], \"y\": \"Data\",\n\"Data\" :\n[{\"a\": [{}]}], \"z\": {}}", "Data") ==
        "3 {\"a\": [{}]}; ");
}

TEST_CASE("a text that is wrong, also around the list, is damage with its line") {
  CHECK(read("", "") == "line 1: should be a list");
  CHECK(read("{}", "") == "line 1: should be a list");
  CHECK(read("[", "") == "line 1: should be an object");
  CHECK(read("[1]", "") == "line 1: should be an object");
  CHECK(read("[{}", "") == "1 {}; line 1: should be a comma or the end of the list");
  CHECK(read("[{} {}]", "") == "1 {}; line 1: should be a comma or the end of the list");
  CHECK(read("[{},\n]", "") == "1 {}; line 2: should be an object");
  CHECK(read("[{\n\"a\": 1", "") == "line 2: the text ends inside of an object");
  CHECK(read("[{\"a", "") == "line 1: the text ends inside of a string");
  CHECK(read("[{]", "").starts_with("line 1: "));
  CHECK(read("[{\"a\" 1}]", "").starts_with("line 1: "));
  CHECK(read("[{}] x", "").starts_with("1 {}; around the list: "));
  CHECK(read("{\"Data\": [{}]", "Data").starts_with("1 {}; around the list: "));
  CHECK(read("{\"Data\": {}}", "Data") == "line 1: there is no list \"Data\"");
  CHECK(read("{\"x\": {\"Data\": []}}", "Data") == "line 1: there is no list \"Data\"");
  CHECK(read("[]", "Data") == "line 1: should be an object");
  CHECK(read("{\"Data\"", "Data") == "line 1: the text ends inside of an object");
}
