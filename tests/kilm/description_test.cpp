#include "kilm/corpus/description.h"

#include <doctest/doctest.h>

using kilm::DescriptionFilter;
using kilm::keep_paragraph;
using kilm::Paragraph;

TEST_CASE("descriptions that say nothing are rejected") {
  const DescriptionFilter filter;
  CHECK(filter.choose("Alabama", " U.S. state ") == "U.S. state");
  for (const char* text : {"", " ", "X may refer to: y", "Redirect to y", "thumb", " right ", "Wikipedia List Article"})
    CHECK_FALSE(filter.choose("Title", text));
  CHECK_FALSE(filter.choose("Portal:X", "a"));
  CHECK_FALSE(filter.choose("MediaWiki:X", "a"));
}

TEST_CASE("of pieces between bars the rarest describes") {
  DescriptionFilter filter, other;
  filter.count("thumb|Portrait of a man|by Goya");
  filter.count("thumb|by Goya");
  other.count("right|Portrait of a man|by Goya");
  other.count("no pieces");
  filter.merge(other);
  CHECK(filter.choose("X", "thumb|by Goya|Portrait of a man|220px") == "Portrait of a man");
  CHECK(filter.choose("X", "by Goya|a house|a garden") == "a house");  // the first of equals
  CHECK(filter.choose("A house", "by Goya| house ") == "by Goya");     // pieces of the title say nothing
  CHECK(filter.choose("X", "File:a|http://b|alt=c|100x200px|upright|d") == "d");
  CHECK(filter.choose("X", "123456px|thumb") == "123456px");  // no size
  CHECK_FALSE(filter.choose("X", "thumb|left|250px"));
  CHECK_FALSE(filter.choose("X", "thumb|Portrait"));
}

TEST_CASE("paragraphs are kept by five rules") {
  const auto keep = [](const char* text, bool document = false) {
    return keep_paragraph(Paragraph{.text = text}, document);
  };
  CHECK(keep("A sentence."));
  for (const char* text : {"", "REDIRECT x", "see File:x", "see http://x", "see https://x", "see Image:x", "a\nb"})
    CHECK_FALSE(keep(text));
  CHECK(keep("a\nb", true));
  CHECK_FALSE(keep("see File:x", true));
  CHECK_FALSE(keep_paragraph({.text = "born 1950", .links = {{0, 4, "1950 in aviation"}}}, false));
  CHECK_FALSE(keep_paragraph({.text = "in aviation", .links = {{0, 11, "Aviation"}}}, true));
}
