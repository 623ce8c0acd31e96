#include "kilm/wikitext/superscript.h"

#include <doctest/doctest.h>

TEST_CASE("superscript: numbers with their signs are raised, other text is not") {
  CHECK(kilm::superscript("2") == "²");
  CHECK(kilm::superscript("−10") == "⁻¹⁰");
  CHECK(kilm::superscript("3+") == "³⁺");
  CHECK(kilm::superscript("th") == "");
  CHECK(kilm::superscript("1234567890123") == "");
  CHECK(kilm::superscript("") == "");
}

TEST_CASE("subscript: numbers with their signs are lowered, other text is not") {
  CHECK(kilm::subscript("16") == "₁₆");
  CHECK(kilm::subscript("-1") == "₋₁");
  CHECK(kilm::subscript("hex") == "");
}
