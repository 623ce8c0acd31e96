#include "kilm/corpus/description.h"

#include <doctest/doctest.h>

using kilm::choose_description;
using kilm::keep_paragraph;
using kilm::Paragraph;

TEST_CASE("descriptions that say nothing are rejected") {
  CHECK(choose_description("Alabama", " U.S. state ", {}) == "U.S. state");
  for (const char* text : {"", " ", "X may refer to: y", "Redirect to y", "thumb", " right ", "Wikipedia List Article"})
    CHECK_FALSE(choose_description("Title", text, {}));
  CHECK_FALSE(choose_description("Portal:X", "a", {}));
  CHECK_FALSE(choose_description("MediaWiki:X", "a", {}));
}

TEST_CASE("of pieces between bars the rarest describes") {
  CHECK(kilm::description_pieces("no pieces").empty());
  CHECK(kilm::description_pieces(" a| b |") == std::vector<std::string_view>{"a", "b", ""});
  using Times = std::vector<int64_t>;
  const auto choose = [](const char* title, const char* text, const Times& times) {
    return choose_description(title, text, times);
  };
  CHECK(choose("X", "thumb|by Goya|Portrait of a man|220px", {1, 3, 2, 1}) == "Portrait of a man");
  CHECK(choose("X", "by Goya|a house|a garden", {3, 1, 1}) == "a house");  // the first of equals
  CHECK(choose("A house", "by Goya| house ", {3, 1}) == "by Goya");        // pieces of the title say nothing
  CHECK(choose("X", "File:a|http://b|alt=c|100x200px|upright|d", Times(6, 1)) == "d");
  CHECK(choose("X", "123456px|thumb", {1, 1}) == "123456px");  // no size
  CHECK_FALSE(choose("X", "thumb|left|250px", {1, 1, 1}));
  CHECK_FALSE(choose("X", "thumb|Portrait", {1, 1}));
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
