#include "kilm/wikitext/leaning.h"

#include <doctest/doctest.h>

using kilm::wikitext::Paragraph;

TEST_CASE("a lead-in goes with its links, what comes before it stays") {
  Paragraph paragraph{"", "Reeds grow. The kinds of reed are:", {{0, 5, "Reed"}, {29, 33, "Reed"}}};
  CHECK(kilm::wikitext::drop_lead_in(paragraph));
  CHECK(paragraph.text == "Reeds grow.");
  REQUIRE(paragraph.links.size() == 1);
  CHECK(paragraph.links[0].end == 5);
  for (const char* alone : {"The kinds are:", "According to Mr. Reed,", "Then the kinds are", "芦は：", "人々には、",
                            "人々に", "Виды мельниц", "les blés", "الأنواع،"}) {
    Paragraph lead_in{"", alone, {}};
    CHECK(kilm::wikitext::drop_lead_in(lead_in));
    CHECK(lead_in.text.empty());
  }
  for (const char* whole : {"Reeds grow.", "He said: \"Reeds.\"", "Do they?", "(Reeds: two.)", "芦。", "ต้นอ้อ", ""}) {
    Paragraph sentence{"", whole, {}};
    CHECK_FALSE(kilm::wikitext::drop_lead_in(sentence));
    CHECK(sentence.text == whole);
  }
}

TEST_CASE("a continuation goes with its links, what comes behind it stays") {
  Paragraph paragraph{"", "where n is a reed. Reeds grow.", {{13, 17, "Reed"}, {19, 24, "Reed"}}};
  CHECK(kilm::wikitext::drop_continuation(paragraph));
  CHECK(paragraph.text == "Reeds grow.");
  REQUIRE(paragraph.links.size() == 1);
  CHECK(paragraph.links[0].begin == 0);
  CHECK(paragraph.links[0].end == 5);
  Paragraph alone{"", "where n is a reed", {}};
  CHECK(kilm::wikitext::drop_continuation(alone));
  CHECK(alone.text.empty());
  for (const char* middle : {"où n est un blé.", "где н.", "がいる。", "などがある。", "に分かれる。", "等。"}) {
    Paragraph sentence{"", middle, {}};
    CHECK(kilm::wikitext::drop_continuation(sentence));
    CHECK(sentence.text.empty());
  }
  for (const char* whole :
       {"Reeds grow.", "iReed grows.", "芦 a", "x", "", "がんは病気である。", "はじめに読む。", "Éa est."}) {
    Paragraph sentence{"", whole, {}};
    CHECK_FALSE(kilm::wikitext::drop_continuation(sentence));
    CHECK(sentence.text == whole);
  }
}

TEST_CASE("what a lead-in announces is put behind it, with its links") {
  Paragraph lead_in{"", "The reed said:", {{4, 8, "Reed"}}};
  kilm::wikitext::append_to_lead_in(lead_in, {"", "I bend.", {{2, 6, "Bending"}}});
  CHECK(lead_in.text == "The reed said: I bend.");
  REQUIRE(lead_in.links.size() == 2);
  CHECK(lead_in.links[0].end == 8);
  CHECK(lead_in.text.substr(size_t(lead_in.links[1].begin), 4) == "bend");
  CHECK(lead_in.links[1].end == 21);
  CHECK(lead_in.links[1].target == "Bending");
  Paragraph wide{"", "芦は：", {}};
  kilm::wikitext::append_to_lead_in(wide, {"", "曲がる。", {}});
  CHECK(wide.text == "芦は：曲がる。");
}
