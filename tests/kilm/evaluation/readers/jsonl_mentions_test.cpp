#include <doctest/doctest.h>

#include <filesystem>

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

TEST_CASE("mentions of jsonl: a span of words between single spaces") {
  const Folder folder;
  folder.write("set", R"x({"doc_title": "Ulm", "mention": "Né  (", "alias": "ne", "span": [1, 4], "sentence": )x"
                      R"x("In Né  ( Bonn )", "candidates": [{"qid": "Q1", "title": "né", "description": ""}, )x"
                      R"x({"title": "Né (river)", "description": "A river"}]}
{"sentence": "Bonn", "span": [0, 1]}
{"id": 7, "sentence": "to Bonn", "span": [1, 2], "left": "x", "title": "unread"})x");
  CHECK(tests::read_mentions(folder / "set", MentionFormat::jsonl) ==
        std::vector<std::string>{"0 Ulm In [Né  (] Bonn ) -> null {Né: } {Né (river): A river}",
                                 "1 line 2 [Bonn] -> null", "7 line 3 to [Bonn] -> null"});
  CHECK(kilm::evaluation::find_mention_format(folder / "set") == MentionFormat::jsonl);
}

TEST_CASE("mentions of jsonl: trials of spans, where they are at hand") {
  const std::string trials = KILM_SOURCE_DIR "/../shared/data/entity-disambiguation/04_trials.jsonl";
  if (!std::filesystem::exists(trials)) return;
  CHECK(tests::read_mentions(trials, kilm::evaluation::find_mention_format(trials)).size() == 165);
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
  const auto span = [](const std::string& span, const std::string& more = "") {
    return R"({"sentence": "To  Ulm", "span": )" + span + more + "}";
  };
  CHECK(damage(span("[0]")) == "span: should be two integers");
  CHECK(damage(span("[0, 1.5]")) == "span: should be two integers");
  CHECK(damage(span("null")).starts_with("span: "));
  CHECK(damage(R"({"span": [0, 1]})").find("sentence") != std::string::npos);
  for (const char* range : {"[-1, 1]", "[0, 4]", "[2, 2]", "[2, 1]", "[9223372036854775807, 9223372036854775807]"})
    CHECK(damage(span(range)).find("should be words of a sentence that has 3") != std::string::npos);
  CHECK(damage(span("[1, 2]")) == "mention: start and end are 3, so it is empty");
  CHECK(damage(span("[2, 3]", R"(, "mention": "Bonn")")) == "mention: is \"Bonn\", but the span has \"Ulm\"");
  CHECK(damage("[1]") != "");
}
