#include "kilm/prepare/reference/reference_description.h"

#include <doctest/doctest.h>

using kilm::prepare::reference::choose_description;

TEST_CASE("as the reference, descriptions that say nothing are rejected") {
  CHECK(choose_description("Alabama", " U.S. state ", {}) == "U.S. state");
  for (const char* text : {"", " ", "X may refer to: y", "Redirect to y", "thumb", " right ", "Wikipedia List Article"})
    CHECK_FALSE(choose_description("Title", text, {}));
  CHECK_FALSE(choose_description("Portal:X", "a", {}));
  CHECK_FALSE(choose_description("MediaWiki:X", "a", {}));
}

TEST_CASE("as the reference, of pieces between bars the rarest describes") {
  CHECK(kilm::prepare::reference::description_pieces("no pieces").empty());
  CHECK(kilm::prepare::reference::description_pieces(" a| b |") == std::vector<std::string_view>{"a", "b", ""});
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
