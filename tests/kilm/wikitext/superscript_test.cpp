#include "kilm/wikitext/superscript.h"

#include <doctest/doctest.h>

TEST_CASE("superscript: numbers with their signs are raised, other text is not") {
  CHECK(kilm::wikitext::superscript("2") == "²");
  CHECK(kilm::wikitext::superscript("−10") == "⁻¹⁰");
  CHECK(kilm::wikitext::superscript("3+") == "³⁺");
  CHECK(kilm::wikitext::superscript("th") == "");
  CHECK(kilm::wikitext::superscript("1234567890123") == "");
  CHECK(kilm::wikitext::superscript("") == "");
}

TEST_CASE("subscript: numbers with their signs are lowered, other text is not") {
  CHECK(kilm::wikitext::subscript("16") == "₁₆");
  CHECK(kilm::wikitext::subscript("-1") == "₋₁");
  CHECK(kilm::wikitext::subscript("hex") == "");
}
