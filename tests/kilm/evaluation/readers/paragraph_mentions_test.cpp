#include <doctest/doctest.h>

#include "tests/kilm/folder.h"
#include "tests/kilm/read_mentions.h"

using kilm::evaluation::MentionFormat;

TEST_CASE("mentions of paragraphs: each link is one, its target gold and its article the document") {
  const Folder folder;
  folder.write(
      "set",
      R"({"id": 7, "title": "Bell", "section": "", "paragraph": 0, "text": "Tin from Köln.", "links": [{"start": 0, "end": 3, "title": "tin"}, {"start": 9, "end": 14, "title": "Cologne", "redirect": "Köln"}]}
{"id": 8, "title": "Tin", "section": "", "paragraph": 0, "text": "No link.", "links": []}
{"id": 8, "title": "Tin", "section": "Use", "paragraph": 1, "text": "A bell.", "links": [{"start": 2, "end": 6, "title": "Bell"}]})");
  CHECK(tests::read_mentions(folder / "set", MentionFormat::paragraphs) ==
        std::vector<std::string>{"0 Bell [Tin] from Köln. -> Tin", "1 Bell Tin from [Köln]. -> Cologne",
                                 "2 Tin A [bell]. -> Bell"});
  CHECK(kilm::evaluation::find_mention_format(folder / "set") == MentionFormat::paragraphs);
}

TEST_CASE("mentions of paragraphs: what is damaged is named with its line and link") {
  const Folder folder;
  const auto damage = [&](const std::string& links) {
    folder.write("set", R"({"title": "T", "text": "a ü", "links": )" + links + "}");
    return tests::damage_of(folder / "set", MentionFormat::paragraphs);
  };
  const std::string place = folder / "set" + ": line 1: ";
  CHECK(damage("7").starts_with(place + "links: "));
  CHECK(damage(R"([{"start": 0, "end": 1, "title": "A"}, {"start": 0, "end": 3, "title": "A"}])") ==
        place + "link 2: mention: byte 3 is inside of a character");
  CHECK(
      damage(R"([{"start": 1, "end": 1, "title": "A"}])").starts_with(place + "link 1: mention: start and end are 1"));
  CHECK(damage(R"([{"start": 0, "end": 1, "title": " _ "}])") == place + "link 1: title: a title should not be empty");
  CHECK(damage(R"([{"start": 0, "title": "A"}])").starts_with(place + "link 1: "));
}
