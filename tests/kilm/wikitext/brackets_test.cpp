#include "kilm/wikitext/brackets.h"

#include <doctest/doctest.h>

#include <string>

using kilm::wikitext::Bracket;
using kilm::wikitext::Brackets;

namespace {

// Returns the pairs of a text as "open-close", e.g. "0-3 5-9".
std::string pairs(std::string_view text) {
  const Brackets brackets(text);
  std::string result;
  for (size_t at = 0; at < text.size(); ++at)
    if (brackets.kind(at) != Bracket::none)
      result += (result.empty() ? "" : " ") + std::to_string(at) + "-" + std::to_string(brackets.close(at));
  return result;
}

}  // namespace

TEST_CASE("brackets find their partners, nested and in runs") {
  CHECK(pairs("{{a|[[b]]|{{c}}}}") == "0-15 4-7 10-13");
  CHECK(pairs("[[[a]]]") == "1-4");
  CHECK(pairs("{{{a}}}") == "0-4");
  CHECK(pairs("{{{{{a}}}}}") == "0-9 2-6");
  CHECK(pairs("{{{a}}") == "1-4");
  CHECK(pairs("[[File:a|[http://b [[c]]]]]") == "0-25 9-24 19-22");
  CHECK(pairs("-{zh:a}- -{{a}}-") == "0-6 10-13");
  CHECK(pairs("[[a|b [sic]]]") == "0-11");  // of three the first one closes a single bracket
  CHECK(pairs("[[a|[b] c]]]") == "0-9");
  CHECK(pairs("[b [[c]]]") == "3-6");
  CHECK(pairs("[[a|[[b [c]]] [d]]]") == "0-17 4-11");
}

TEST_CASE("tables begin and end at the start of a line") {
  CHECK(pairs("{|\n{|\n|}\n|}") == "0-9 3-6");
  CHECK(pairs("a {| b\n|}") == "");
  CHECK(pairs("{{a|\n{|\n|}|b\n|}}") == "0-14 5-8");
  CHECK(pairs("<table><TABLE a=b>x</table></table>") == "0-27 7-19");
}

TEST_CASE("what does not close has no partner and spoils nothing") {
  CHECK(pairs("{{a [[b]]") == "4-7");
  CHECK(pairs("{{a|[[b}}") == "0-7");
  CHECK(pairs("[[a\n\nb]]") == "");
  CHECK(pairs("[[a|b] [[c]]") == "7-10");
  CHECK(pairs("[http://a b\nc]") == "");
  CHECK(pairs("]] }} |} }- x") == "");
}

TEST_CASE("what should be closed is told in the order of the text, with the end of what is around it") {
  const auto open = [](std::string_view text) {
    const Brackets brackets(text);
    std::string result;
    for (const kilm::wikitext::OpenBracket& one : brackets.open())
      result += std::to_string(one.at) + "-" + std::to_string(one.limit) + " ";
    return result;
  };
  CHECK(open("{{a {{b}} [[c {{{d") == "0-18 14-18 ");
  CHECK(open("{{a|\n{|\n}} [b <table>") == "5-8 14-21 ");
  CHECK(open("{|\n{{a\n|}") == "3-7 ");
  CHECK(open("{{a\n== b ==\n}}") == "0-3 ");
  CHECK(open("{{a\n== b\n}}") == "");
}

TEST_CASE("a template above rows begins a table if its end follows before a heading") {
  CHECK(pairs("{{a}}\n|b\n|}") == "0-9");
  CHECK(pairs("{{a}}\n!b\n{{c|d}}\n{{s-end}}") == "0-24 9-14 17-24");
  CHECK(pairs("{{a}}\n|b\n== c ==\n|}") == "0-3");
  CHECK(pairs("{{a}}\nb\n|}") == "0-3");
  CHECK(pairs("c {{a}}\n|b\n|}") == "2-5");
}

TEST_CASE("text behind a pair is found in one step") {
  const Brackets brackets("{{{a}}}b");
  CHECK(brackets.kind(0) == Bracket::parameter);
  CHECK(brackets.after(0) == 7);
}
