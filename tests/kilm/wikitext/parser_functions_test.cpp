#include "kilm/wikitext/parser_functions.h"

#include <doctest/doctest.h>

#include "kilm/wikitext/wikitext.h"

namespace {

std::string text(const std::string& wikitext, const char* language = "en") {
  kilm::languages::Site site;
  site.language = language;
  const kilm::wikitext::Article article = kilm::wikitext::parse_wikitext("x " + wikitext + " y", site, "Page");
  return article.paragraphs.empty() ? "" : article.paragraphs[0].text;
}

}  // namespace

TEST_CASE("what is arithmetic is done") {
  CHECK(text("{{#expr:2024-1950}} {{ #EXPR: 2 * {{#expr: 1 + 2}} }}") == "x 74 6 y");
  CHECK(text("{{#expr: 1 / }}") == "");
  CHECK(text("{{#expr: {{foo}} + 1 }}") == "");
}

TEST_CASE("conditions that are known choose what is written, with its links") {
  CHECK(text("{{#if: a | [[b]] | c }} {{#if: | b | c }} {{#if:a}}") == "x b c y");
  CHECK(text("{{#ifeq: 1.0 | 1 | b | c }} {{#ifeq: A | a | b | c }}") == "x b c y");
  CHECK(text("{{#ifexpr: 1 > 2 | b | c }} {{#ifexpr: | b | c }}") == "x c c y");
  CHECK(text("{{#iferror: a | b }} {{#iferror: a | b | c }}") == "x a c y");
  CHECK(text("{{#iferror:{{#expr:1/0}}|a|b}} {{#iferror:{{#expr:1/1}}|a|b}}") == "x a b y");
  CHECK(text("{{#if:{{{1}}}|b|c}} {{#if:{{{1|}}}|b|c}} {{{1|[[d]]}}}") == "x b c d y");
  CHECK(text("{{#switch: b | a = 1 | b | c = 2=2 | 3 }} {{#switch: d | a = 1 | #default = 2 }}") == "x 2=2 2 y");
  CHECK(text("{{#switch: d | a = 1 | 3 }} {{#switch: A | a = 1 | 3 }} {{#switch: 01 | 1 = one }}") == "x 3 3 one y");
  for (const char* unknown :
       {"{{#if: {{foo}} | b | c }}", "{{#ifexist: a | b }}", "{{#ifexpr: a | b }}", "{{#invoke:a|b}}",
        "{{#switch: a | {{foo}} = b | c }}", "{{#iferror:{{foo}}|a|b}}", "{{#time: Y}}", "{{grammar:a|b}}"})
    CHECK_MESSAGE(text(unknown) == "", unknown);
  CHECK(text("a{{#tag:ref|b}} {{#seo:c}} {{DEFAULTSORT:d}} {{#invoke:Cite web|e}}") == "x a y");
  CHECK(text("{{#tag:math|b}}") == "");
}

TEST_CASE("letters change their case as in the language") {
  CHECK(text("{{lc:ÄB Ж}} {{uc:äb ж}} {{lcfirst:ÉA}} {{ucfirst:éa}} {{lc|AB}}") == "x äb ж ÄB Ж éA Éa ab y");
  CHECK(text("{{ucfirst:[[Ab]]}} {{UC:a}}") == "x Ab A y");
  CHECK(text("{{ucfirst:izmir}} {{lcfirst:Iz}} {{ucfirst:az}}", "tr") == "x İzmir ız Az y");
  CHECK(text("{{uc:straße}}", "de") == "x STRASSE y");
}

TEST_CASE("numbers are written as in the language") {
  CHECK(text("{{formatnum:1234567.5}}") == "x 1,234,567.5 y");
  CHECK(text("{{formatnum:1234567.5}}", "de") == "x 1.234.567,5 y");
  CHECK(text("{{formatnum:1234567.5}}", "fr") == "x 1 234 567,5 y");
  CHECK(text("{{formatnum:1234}} {{formatnum:12345}}", "es") == "x 1234 12 345 y");
  CHECK(text("{{formatnum:1,234|R}} {{formatnum:12 or so}}") == "x 1234 12 or so y");
  CHECK(text("{{#expr:{{formatnum:1.234,5|R}} + 1}}", "de") == "x 1235.5 y");
  CHECK(text("{{padleft:7|3}} {{padright:é|3|-}} {{padleft:1|-1}}") == "");
  CHECK(text("{{padleft:7|3}} {{padright:é|3|-}}") == "x 007 é-- y");
  CHECK(text("{{plural:1|is|are}} {{plural:1,000|is|are}}") == "x is are y");
  CHECK(text("{{plural:21|a|b|c}} {{plural:3|a|b|c}} {{plural:12|a|b|c}}", "ru") == "x a b c y");
  CHECK(text("{{plural:2|a|b|c}}") == "");
}

TEST_CASE("dates and titles") {
  CHECK(text("{{#formatdate:1 May 1950|mdy}} {{#time:j F Y|1950-05-01}}") == "x 1 May 1950 1 May 1950 y");
  CHECK(text("{{#time:j. F Y|1950-05-01}}", "de") == "x 1. Mai 1950 y");
  CHECK(text("{{#formatdate:2010-05-03|mdy}} {{#dateformat:2010-05-03|dmy}} {{#formatdate:2010-05-03}}") ==
        "x May 3, 2010 3 May 2010 2010-05-03 y");
  CHECK(text("{{#time:Y-m-d|2012-02-29}}") == "x 2012-02-29 y");
  for (const char* unknown : {"{{#time:l|1950-05-01}}", "{{#time:Y-m-d|2010-02-29}}", "{{#time:Y|2010-04-31}}"})
    CHECK_MESSAGE(text(unknown) == "", unknown);
  CHECK(text("{{#titleparts:A/B/C|1|2}} {{#titleparts:A/B/C|-1}} {{#titleparts:A/B/C||-1}}") == "x B A/B C y");
  CHECK(text("{{urlencode:a b/é}} {{anchorencode:a b}} {{gender:A|he}}") == "x a+b%2F%C3%A9 a_b he y");
  CHECK(text("{{gender:A|he|she}}") == "");
}

TEST_CASE("functions in each other read what is in them once") {
  std::string nested = "[[A]]";
  for (int depth = 0; depth < 15; ++depth) nested = "{{formatnum:{{ucfirst:" + nested + " b}}}}";
  const kilm::wikitext::Article article =
      kilm::wikitext::parse_wikitext("x " + nested, kilm::languages::Site{.language = "en", .namespaces = {}}, "Page");
  REQUIRE(article.paragraphs.size() == 1);
  CHECK(article.paragraphs[0].text.starts_with("x A b b"));
  CHECK(article.paragraphs[0].links.size() == 1);
  CHECK(article.work < 40 * int64_t(nested.size()));
}
