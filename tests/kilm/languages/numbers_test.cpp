#include "kilm/languages/numbers.h"

#include <doctest/doctest.h>

using kilm::languages::grouped_number;
using kilm::languages::written_date;

TEST_CASE("numbers have the separators of their language") {
  CHECK(grouped_number("1234567.89", "en") == "1,234,567.89");
  CHECK(grouped_number("-1234567,89", "de") == "-1234567,89");
  CHECK(grouped_number("-1234567.89", "de") == "-1.234.567,89");
  CHECK(grouped_number("1234", "pl") == "1234");
  CHECK(grouped_number("12345", "pl") == "12 345");
  CHECK(grouped_number("−1234", "fr") == "−1 234");
  CHECK(grouped_number("999.5", "ru") == "999,5");
  CHECK(grouped_number("1234", "xx") == "1234");
  CHECK(grouped_number("1.2.3456", "en") == "1.2.3456");
  CHECK(grouped_number("", "en").empty());
}

TEST_CASE("dates have the order and the words of their language") {
  CHECK(written_date("1950", "5", "1", "en") == "1 May 1950");
  CHECK(written_date("1950", "5", "1", "fr") == "1er mai 1950");
  CHECK(written_date("1950", "05", "02", "de") == "2. Mai 1950");
  CHECK(written_date("1950", "mayo", "1", "es") == "1 de mayo de 1950");
  CHECK(written_date("1950", "4", "1", "ca") == "1 d'abril del 1950");
  CHECK(written_date("1950", "05", "01", "ja") == "1950年5月1日");
  CHECK(written_date("1950", "5", "1", "ko") == "1950년 5월 1일");
  CHECK(written_date("1950", "5", "", "ru") == "мая 1950");
  CHECK(written_date("", "5", "1", "uk") == "1 травня");
  CHECK(written_date("1950", "", "", "xx") == "1950");
  CHECK_FALSE(written_date("1950", "5", "1", "xx"));
  CHECK_FALSE(written_date("1950", "13", "1", "en"));
  CHECK_FALSE(written_date("1950", "", "1", "en"));
}
