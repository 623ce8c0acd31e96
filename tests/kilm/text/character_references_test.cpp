#include "kilm/text/character_references.h"

#include <doctest/doctest.h>

#include "kilm/text/named_references.h"
#include "kilm/text/unicode.h"

using kilm::text::decode_character_references;

TEST_CASE("character references become characters once") {
  CHECK(decode_character_references("a&nbsp;b &ndash; &amp;lt; &#8211;&#x2013;&apos;") == "a\u00A0b – &lt; ––'");
  CHECK(decode_character_references("&thetasym;&AElig;&aelig;") == "ϑÆæ");
  CHECK(decode_character_references("&#X41;&#x000041;&#x1FFFE;") == "AA\U0001FFFE");
  CHECK(decode_character_references("&#150;") == "–");  // Windows-1252, as browsers read it
}

TEST_CASE("character references have all names of HTML 5, and those of MediaWiki") {
  CHECK(decode_character_references("&vert;&lbrack;&percnt;&num;&AMP;&Zcaron;&zwnj;") == "|[%#&Ž\u200C");
  CHECK(decode_character_references("&CounterClockwiseContourIntegral;&Afr;") == "∳𝔄");
  CHECK(decode_character_references("&NotEqualTilde;&fjlig;") == "≂̸fj");  // two characters
  CHECK(kilm::text::named_references().size() == 2127);
  for (const auto& [name, text] : kilm::text::named_references())
    REQUIRE(decode_character_references("&" + std::string(name) + ";") == text);
  CHECK(decode_character_references("a&רלמ;b&رلم;c") == "a\u200Fb\u200Fc");
}

TEST_CASE("what is no character reference stays as it is written") {
  for (const char* text : {"AT&T",
                           "&",
                           "&;",
                           "&nosuch;",
                           "&#;",
                           "&#x;",
                           "&#xD800;",
                           "&#0;",
                           "&#99999999999999999999;",
                           "&#129;",
                           "&amp",
                           "R&D; x",
                           "&copy 2",
                           "&#12;",
                           "&#13;",
                           "&#xFFFE;",
                           "&#x110000;",
                           "&# 65;",
                           "&VERT;",
                           "&CounterClockwiseContourIntegralx;"})
    CHECK(decode_character_references(text) == text);
}

TEST_CASE("characters of every length are written as UTF-8") {
  std::string text;
  for (const char32_t c : {U'a', U'é', U'–', U'𐀟'}) kilm::text::append_utf8(text, c);
  CHECK(text == "aé–𐀟");
  CHECK(kilm::text::utf8_length(0x61) == 1);
  CHECK(kilm::text::utf8_length(0xC3) == 2);
  CHECK(kilm::text::utf8_length(0xE2) == 3);
  CHECK(kilm::text::utf8_length(0xF0) == 4);
  CHECK(kilm::text::utf8_length(0xFF) == 1);
}
