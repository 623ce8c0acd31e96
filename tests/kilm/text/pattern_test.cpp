#include "kilm/text/pattern.h"

#include <doctest/doctest.h>

#include <string>

#include "tensor/base/error.h"

using kilm::text::Pattern;

namespace {

bool found(std::string_view pattern, std::string_view text) { return Pattern(pattern).is_found_in(text); }

std::string refusal(std::string_view pattern) {
  try {
    const Pattern one(pattern);
  } catch (const base::Error& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a pattern is found anywhere, in either case") {
  CHECK(found("new york", "in New York City"));
  CHECK(found("QUÉBEC", "Québec"));
  CHECK(found("qu[eé]bec", "QUÉBEC"));
  CHECK(!found("york", "yorick"));
  CHECK(found("", ""));
  CHECK(found("", "x"));
  CHECK(!found("x", ""));
}

TEST_CASE("alternatives, groups and repetitions") {
  CHECK(found("20\\s?,?\\s?(32|40)0\\s?-?\\s?f(ee|oo)t", "20,320 feet"));
  CHECK(!found("20\\s?,?\\s?(32|40)0\\s?-?\\s?f(ee|oo)t", "20,330 feet"));
  CHECK(found("((tea|milk|rum).*){3}", "rum, milk and tea"));
  CHECK(!found("((tea|milk|rum).*){3}", "rum and milk"));
  CHECK(found("^a{2,3}$", "aaa"));
  CHECK(!found("^a{2,3}$", "aaaa"));
  CHECK(found("^a{2,}$", "aaaaa"));
  CHECK(!found("^a{2,}$", "a"));
  CHECK(found("^a{,2}$", ""));
  CHECK(found("^a{2}$", "aa"));
  CHECK(found("^(?:ab)+$", "ababab"));
  CHECK(found("^(a|b|)c$", "c"));
  CHECK(found("^(a*)*b$", "aaab"));
  CHECK(found("a.*?b", "a--b"));
  CHECK(found("x{", "x{"));
  CHECK(found("x{a}", "x{a}"));
  CHECK(found("{}", "{}"));
}

TEST_CASE("sets, kinds of characters and edges of words") {
  CHECK(found("\\b2,?[4-7][0-9][0-9]\\b", "at 2,550 feet"));
  CHECK(!found("\\b2,?[4-7][0-9][0-9]\\b", "12,550"));
  CHECK(found("[^a-c]", "abd"));
  CHECK(!found("[^a-c]", "ABC"));
  CHECK(found("[]a-]", "]"));
  CHECK(found("^[a-]$", "-"));
  CHECK(found("[\\d.]+ \\w+", "3.5 \u0645\u062a\u0631"));
  CHECK(found("^\\D\\W\\S$", "a-b"));
  CHECK(found("\\Boo\\B", "food"));
  CHECK(found("a\\.b\\$\\x41\\u00e9", "a.b$A\u00e9"));
  CHECK(!found("a.b", "a\nb"));
  CHECK(found("a\\sb", "a\u00a0b"));
  CHECK(found("^.$", "\U0001F642"));
}

TEST_CASE("ranges of a set may stand in any order, overlap and touch") {
  const Pattern set("^[x-zc-ea-df\\d\\dm!-%]$");
  std::string held;
  for (char c = ' '; c < '\x7f'; ++c)
    if (set.is_found_in(std::string(1, c))) held += c;
  CHECK(held == "!\"#$%0123456789ABCDEFMXYZabcdefmxyz");
  CHECK(found("^[^b-ya-cz]$", "-"));
  CHECK(!found("^[^b-ya-cz]$", "q"));
}

TEST_CASE("time is linear in the text, whatever the pattern is") {
  const std::string text(2000, 'a');
  CHECK(!found("^(a+)+$", text + "b"));
  CHECK(!found("(a|a|aa)*b", text));
  CHECK(!found("(.*)(.*)(.*)(.*)x", text));
}

TEST_CASE("what is no pattern, or no such one, is refused with its place") {
  CHECK(refusal("a(b") == "pattern: byte 1: the group does not end");
  CHECK(refusal("a)b") == "pattern: byte 1: ) closes nothing");
  CHECK(refusal("[a") == "pattern: byte 0: the set does not end");
  CHECK(refusal("[z-a]").find("no range") != std::string::npos);
  CHECK(refusal("[\\d-a]").find("no range") != std::string::npos);
  CHECK(refusal("*a") == "pattern: byte 0: repeats nothing");
  CHECK(refusal("a**").find("repeats what is repeated") != std::string::npos);
  CHECK(refusal("a{3,2}").find("at most 2 times, but at least 3") != std::string::npos);
  CHECK(refusal("a{1001}").find("more than 1000 times") != std::string::npos);
  for (const char* pattern : {"(?=a)", "(?i)a", "(?P<n>a)"})
    CHECK(refusal(pattern) == "pattern: byte 0: such groups are not read");
  CHECK(refusal("(a)\\1").find("\\1 is not read") != std::string::npos);
  CHECK(refusal("\\q").find("\\q is not read") != std::string::npos);
  CHECK(refusal("\\x4").find("2 hexadecimal digits") != std::string::npos);
  CHECK(refusal("a\\").find("ends too early") != std::string::npos);
  CHECK(refusal("\xff").find("is not UTF-8") != std::string::npos);
  CHECK(refusal(std::string(1000, '(')).find("groups inside of each other") != std::string::npos);
  CHECK(refusal(std::string(4096, 'a')) == "accepted");
  CHECK(refusal(std::string(4097, 'a')) == "pattern: has 4097 bytes, it should have at most 4096");
  CHECK(refusal("((a{1000}){1000}){1000}").find("too large") != std::string::npos);
  CHECK(refusal("(((){1000}){1000}){1000}").find("too large") != std::string::npos);
}
