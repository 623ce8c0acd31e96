#include "kilm/evaluation/readers/appos_corpus.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"
#include "tests/kilm/folder.h"

using base::Json;
using kilm::evaluation::ApposCorpusReader;
using kilm::evaluation::Appositive;

namespace {

const std::string kLine =
    R"({"name": "Ann Lee", "input": ["Yesterday", "Ann", "Lee", "<appos>", ",", "sang", "."],)"
    R"( "target": ["a", "singer", "from", "Ulm"], "previous_sentence": [["It", "rained", "."], 3],)"
    R"( "next_sentence": ["She", "left", "."], "descriptions": "singer", "used": [false, true, true],)"
    R"( "properties": ["born", "work", "home"], "values": ["1970", "singer", "Ulm"],)"
    R"( "qualifiers": [[], [["since", "1990"], ["until"]], []]})";
const std::string kEmpty =
    R"({"name": "", "input": ["<appos>"], "target": [], "previous_sentence": [], "next_sentence": []})";

std::string complaint(const Folder& folder, const std::string& text) {
  folder.write("damaged", text);
  try {
    ApposCorpusReader reader(folder / "damaged");
    while (reader.next()) continue;
  } catch (const base::DamagedInput& error) {
    return std::string(error.what()).substr((folder / "damaged").size() + 2);
  }
  return "";
}

// Returns the line with another value for a key.
std::string with(const char* key, const std::string& value) {
  Json line = base::parse_json(kLine, "line");
  line.set(key, base::parse_json(value, "value"));
  return line.dump();
}

}  // namespace

TEST_CASE("ApposCorpus: tokens become texts on both sides of the slot") {
  const Folder folder;
  folder.write("file", kLine + "\n" + kEmpty + "\n");
  ApposCorpusReader reader(folder / "file");
  const Appositive item = reader.next().value();
  CHECK(reader.place() == folder / "file" + ": line 1");
  CHECK(item.name == "Ann Lee");
  CHECK(item.left == "Yesterday Ann Lee");
  CHECK(item.right == ", sang .");
  CHECK(item.previous == "It rained .");
  CHECK(item.next == "She left .");
  CHECK(item.target == "a singer from Ulm");
  REQUIRE(item.fact);
  CHECK(item.fact->property == "work");
  CHECK(item.fact->value == "singer");
  CHECK(item.fact->qualifier == "since 1990 until");
  CHECK(item.name_begin() == 10);

  const Appositive empty = reader.next().value();
  CHECK(empty.left + empty.right + empty.previous + empty.next + empty.target == "");
  CHECK(!empty.fact);
  CHECK(!empty.name_begin());
  CHECK(!reader.next());
}

TEST_CASE("ApposCorpus: a hundred tokens of the sentences around it") {
  const Folder folder;
  Json many = Json::array();
  for (int i = 0; i < 150; ++i) many.push_back(std::to_string(i));
  Json line = base::parse_json(kLine, "line");
  line.set("previous_sentence", Json::array({many}));
  line.set("next_sentence", many);
  folder.write("file", line.dump());
  const Appositive item = ApposCorpusReader(folder / "file").next().value();
  CHECK(item.previous.starts_with("50 51 "));
  CHECK(item.previous.ends_with(" 149"));
  CHECK(item.next.starts_with("0 1 "));
  CHECK(item.next.ends_with(" 99"));
}

TEST_CASE("ApposCorpus: what is damaged is named with its line") {
  const Folder folder;
  CHECK(complaint(folder, kLine) == "");
  CHECK(complaint(folder, "") == "there is no line");
  CHECK(complaint(folder, kLine + "\n" + kLine.substr(0, 50)).starts_with("line 2"));
  CHECK(complaint(folder, "\xc3" + kLine).starts_with("line 1"));
  CHECK(complaint(folder, with("input", R"(["no", "slot"])")) == "line 1: input: should have <appos> once");
  CHECK(complaint(folder, with("input", R"(["<appos>", "<appos>"])")) == "line 1: input: should have <appos> once");
  CHECK(complaint(folder, with("input", R"("<appos>")")).starts_with("line 1: input: expected an array"));
  CHECK(complaint(folder, with("target", "[1]")).starts_with("line 1: target: expected a string"));
  CHECK(complaint(folder, with("previous_sentence", R"(["flat"])")).starts_with("line 1: previous_sentence: expected"));
  CHECK(complaint(folder, with("used", "[0, 1, 1]")).starts_with("line 1: used: expected true or false"));
  CHECK(complaint(folder, with("values", R"(["1970"])")) == "line 1: values: has 1 elements, used has 3");
  CHECK(complaint(folder, "{}") == "line 1: no entry \"name\"");
}
