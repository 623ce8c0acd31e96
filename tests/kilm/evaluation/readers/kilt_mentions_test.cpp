#include <doctest/doctest.h>

#include "tests/kilm/folder.h"
#include "tests/kilm/read_mentions.h"

using kilm::evaluation::MentionFormat;

TEST_CASE("mentions of kilt: references are decoded, and a space stands between parts without any") {
  const Folder folder;
  folder.write(
      "set",
      R"({"id": "x:0", "meta": {"left_context": "We saw", "mention": "AT&amp;T", "right_context": "&lt;today&gt;"}, "output": [{"answer": "AT&T"}, {"answer": "Other"}], "candidates": ["AT&T", "aT&T_Inc."]}
{"id": 3, "meta": {"left_context": "", "mention": "Bonn", "right_context": " , he said"}, "output": []}
{"meta": {"left_context": "in\u00a0", "mention": "Bonn", "right_context": ""}, "output": [{"provenance": []}]}
{"meta": {"left_context": "in", "mention": " Bonn", "right_context": "."}})");
  CHECK(tests::read_mentions(folder / "set", MentionFormat::kilt) ==
        std::vector<std::string>{"\"x:0\" line 1 We saw [AT&T] <today> -> AT&T {AT&T} {AT&T Inc.}",
                                 "3 line 2 [Bonn] , he said -> null", "2 line 3 in\u00a0[Bonn] -> null",
                                 "3 line 4 in[ Bonn] . -> null"});
}

TEST_CASE("mentions of kilt: what is damaged is named with its line") {
  const Folder folder;
  const auto damage = [&](const std::string& line) {
    folder.write("set", line);
    return tests::damage_of(folder / "set", MentionFormat::kilt);
  };
  const std::string place = folder / "set" + ": line 1: ";
  CHECK(damage(R"({"id": 1, "input": "q", "output": []})").starts_with(place));
  CHECK(damage(R"({"meta": {"mention": "a", "right_context": ""}})").starts_with(place + "meta: "));
  CHECK(damage(R"({"meta": {"left_context": "", "mention": "", "right_context": ""}})") ==
        place + "mention: should not be empty");
  CHECK(damage(R"({"meta": {"left_context": "", "mention": "a", "right_context": ""}, "output": [{"answer": 1}]})")
            .starts_with(place + "output: answer: "));
  CHECK(damage(R"({"meta": {"left_context": "", "mention": "a", "right_context": ""}, "output": [3]})") ==
        place + "output: the first entry should be an object");
  CHECK(damage(R"({"meta": {"left_context": "", "mention": "a", "right)").starts_with(place));
}
