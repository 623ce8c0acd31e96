#include "kilm/wikitext/remaining_markup.h"

#include <doctest/doctest.h>

using kilm::wikitext::has_markup;

TEST_CASE("markup that is left in prose is seen") {
  for (const char* text : {"a {{b", "a}} b", "[[a", "a]]", "''a", "a|b", "a <br>", "</i>", "<!-- a", "&nbsp;", "&#160;",
                           "__NOTOC__", "__notoc__"})
    CHECK_MESSAGE(has_markup(text), text);
}

TEST_CASE("signs that prose may have are none") {
  for (const char* text :
       {"", "a", "f{x} [b] it's 1 < 2 <- AT&T; a & b; R&D", "snake_case __init__ __FILE__ ____ __", "<3 <A", "&", "<"})
    CHECK_MESSAGE(!has_markup(text), text);
}
