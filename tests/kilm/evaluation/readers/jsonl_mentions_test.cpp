#include <doctest/doctest.h>

#include "tests/kilm/folder.h"
#include "tests/kilm/read_mentions.h"

using kilm::evaluation::MentionFormat;
using tests::damage_of;

namespace {

std::string damage(const std::string& line) {
  const Folder folder;
  folder.write("set", R"({"text": "In Rome.", "start": 3, "end": 7})"
                      "\n" +
                          line);
  std::string damage = damage_of(folder / "set", MentionFormat::jsonl);
  const std::string place = folder / "set" + ": line 2: ";
  REQUIRE_MESSAGE(damage.starts_with(place), damage);
  return damage.substr(place.size());
}

}  // namespace

TEST_CASE("mentions of jsonl: a text with places in bytes, or what stands around the mention") {
  const Folder folder;
  const std::string first =
      R"x({"id": "a", "document": "D1", "text": "Né in Rome.", "start": 7, "end": 11, "title": "rome", "candidates": )x"
      R"x(["Rome", {"title": "rome,_Georgia", "description": "City", "count": 3}, )x"
      R"x({"title": "Rome (band)", "description": null, "count": null, "qid": "Q1"}]})x"
      "\n";
  folder.write("set", first + R"({"text": "Rome", "start": 0, "end": 4}
{"id": 7, "document": 12, "text": "Rome", "start": 0, "end": 4, "title": null, "candidates": []}
{"doc": 0, "left": "Off to ", "mention": "Rome", "right": " now", "gold_title": "Rome", "candidates": [{"title": "A"}]}
{"left": "", "mention": "Rome", "right": ""})");
  CHECK(tests::read_mentions(folder / "set", MentionFormat::jsonl) ==
        std::vector<std::string>{"\"a\" D1 Né in [Rome]. -> Rome {Rome} {Rome, Georgia: City (3.0)} {Rome (band)}",
                                 "1 line 2 [Rome] -> null", "7 12 [Rome] -> null", "3 0 Off to [Rome] now -> Rome {A}",
                                 "4 line 5 [Rome] -> null"});
}

TEST_CASE("mentions of jsonl: what is damaged is named with its line") {
  CHECK(damage(R"({"text": "Rome")") != "");
  CHECK(damage("\n") != "");
  CHECK(damage(R"({"text": "Rome", "start": 2, "end": 2})") == "mention: start and end are 2, so it is empty");
  CHECK(damage(R"({"left": "a", "mention": "", "right": "b"})") == "mention: should not be empty");
  CHECK(damage(R"({"text": "Rome", "start": 0, "end": 5})") ==
        "mention: start 0 and end 5 should lie in its text of 4 bytes, in this order");
  CHECK(damage(R"({"text": "Rome", "start": -1, "end": 3})").find("should lie in its text") != std::string::npos);
  CHECK(damage(R"({"text": "Né", "start": 0, "end": 2})") == "mention: byte 2 is inside of a character");
  CHECK(damage("{\"text\": \"N\xC3\", \"start\": 0, \"end\": 1}") != "");
  CHECK(damage(R"({"text": "Rome", "start": 0})").find("end") != std::string::npos);
  CHECK(damage(R"({"left": "a", "mention": "b"})").find("right") != std::string::npos);
  CHECK(damage(R"({"text": "Rome", "start": 0, "end": 4, "title": " _ "})") == "title: a title should not be empty");
  CHECK(damage(R"({"text": "Rome", "start": 0, "end": 4, "candidates": ["A", 1]})").starts_with("candidate 2: "));
  CHECK(damage(R"({"text": "Rome", "start": 0, "end": 4, "candidates": [{"description": "x"}]})")
            .starts_with("candidate 1: "));
  CHECK(damage(R"({"text": "Rome", "start": 0, "end": 4, "id": 1.5})").starts_with("id: "));
  CHECK(damage("[1]") != "");
}
