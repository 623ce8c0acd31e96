#include "kilm/wikitext/units.h"

#include <doctest/doctest.h>

using kilm::wikitext::with_unit;

TEST_CASE("units: the word agrees with the number and the style") {
  CHECK(with_unit("1", "ft") == "1 foot");
  CHECK(with_unit("2", "FT") == "2 feet");
  CHECK(with_unit("2", "km2", {.symbol = true}) == "2 km²");
  CHECK(with_unit("2", "km", {.adjective = true, .american = true}) == "2-kilometer");
  CHECK(with_unit("2", "C", {.adjective = true}) == "2 °C");
}

TEST_CASE("units: multiples are words, and what is not known stays") {
  CHECK(with_unit("2", "e9cuft") == "2 billion cubic feet");
  CHECK(with_unit("2", "koilbbl/d") == "2 thousand barrels per day");
  CHECK(with_unit("2", "e6parrots") == "2 million parrots");
  CHECK(with_unit("2", "Mparrots") == "2 Mparrots");
  CHECK(with_unit("2", "M") == "2 metres");
}
