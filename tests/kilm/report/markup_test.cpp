#include "kilm/report/markup.h"

#include <doctest/doctest.h>

TEST_CASE("text cannot become markup") {
  CHECK(kilm::report::escape_markup("<b class=\"x\" id='y'> & Zoë\n") ==
        "&lt;b class=&quot;x&quot; id=&#39;y&#39;&gt; &amp; Zoë\n");
  CHECK(kilm::report::escape_markup(std::string_view("a\0b\x1b[2J\x7f", 8)) == "a\uFFFDb\uFFFD[2J\uFFFD");
}
