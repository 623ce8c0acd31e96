#include "kilm/wikitext/expression.h"

#include <doctest/doctest.h>

#include <string>

namespace {

std::string value(std::string_view expression) {
  const std::optional<double> result = kilm::wikitext::evaluate_expression(expression);
  return result ? kilm::wikitext::written_value(*result).value_or("long") : "none";
}

}  // namespace

TEST_CASE("arithmetic follows the operators' strength, those of one strength from left to right") {
  CHECK(value("2024-1950") == "74");
  CHECK(value("1 + 2 * 3 - 4 / 8") == "6.5");
  CHECK(value("2 ^ 3 ^ 2") == "64");
  CHECK(value("-2 ^ 2") == "4");
  CHECK(value("10 div 4 + 7 mod 4") == "5.5");
  CHECK(value("-7 mod 4") == "-3");
  CHECK(value("8.9 mod 5.9") == "3");
  CHECK(value("(1 + 2) * (3 − 1)") == "6");
  CHECK(value("1.5e3 + 2e-1") == "1500.2");
  CHECK(value("22 / 7 round 2") == "3.14");
  CHECK(value("1234 round -2") == "1200");
  CHECK(value("floor 2.7 + ceil -2.7 + trunc 1.9 + abs -5") == "6");
  CHECK(value("1/3") == "0.33333333333333");
  CHECK(value("0.1 + 0.2") == "0.3");
}

TEST_CASE("conditions are 1 or 0") {
  CHECK(value("1 = 1 and 2 > 3 or 4 <= 4") == "1");
  CHECK(value("not 1 + 1") == "1");
  CHECK(value("1 <> 1") == "0");
  CHECK(value("2 != 1") == "1");
}

TEST_CASE("what is no arithmetic has no value") {
  for (const char* fault :
       {"", "1 +", "(1", "1)", "1 / 0", "0 mod 0", "1 2", "foo", "1 ; 2", "1..2", "sqrt -1", "9 ^ 9 ^ 9 ^ 9"})
    CHECK_MESSAGE(value(fault) == "none", fault);
  CHECK(value(std::string(2000, '1')) == "none");
  CHECK(value(std::string(900, '(')) == "none");
  CHECK(value(std::string(900, '-') + "1") == "none");
  CHECK(value("10 ^ 30") == "long");
}
