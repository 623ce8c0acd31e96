#include "kilm/text/quantity.h"

#include <doctest/doctest.h>

#include <cmath>

TEST_CASE("a time has two units at most") {
  const std::pair<double, const char*> times[] = {
      {0, "0 s"},           {0.8214, "0.821 s"},    {45, "45 s"},          {59.94, "59.9 s"},
      {59.96, "1 min 0 s"}, {246, "4 min 6 s"},     {3599.6, "1 h 0 min"}, {5 * 3600 + 12.4 * 60, "5 h 12 min"},
      {86399, "1 d 0 h"},   {76 * 3600, "3 d 4 h"}, {1e20, "1.16e+15 d"},  {std::nan(""), "nan s"}};
  for (const auto& [seconds, text] : times) CHECK(kilm::text::duration(seconds) == text);
}

TEST_CASE("digits of a count stand in groups of three") {
  const std::pair<double, const char*> numbers[] = {
      {0, "0"}, {-0.3, "0"}, {7.6, "8"}, {999, "999"}, {19550.4, "19,550"}, {-1234567, "-1,234,567"}, {-100, "-100"}};
  for (const auto& [number, text] : numbers) CHECK(kilm::text::grouped(number) == text);
}
