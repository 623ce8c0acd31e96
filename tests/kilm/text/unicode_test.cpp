#include "kilm/text/unicode.h"

#include <doctest/doctest.h>

using kilm::text::full_lower_case;
using kilm::text::split_at_white_space;
using Words = std::vector<std::string_view>;

TEST_CASE("the full lower case of a letter may be two, and a sigma's depends on its place") {
  CHECK(full_lower_case("AbÉß Река ǅ") == "abéß река ǆ");
  CHECK(full_lower_case("İstanbul") == "i\u0307stanbul");
  CHECK(full_lower_case("\u212A") == "k");  // the sign of Kelvin
  CHECK(full_lower_case("ΟΔΟΣ ΣΟΦΟΣ, Σ") == "οδος σοφος, σ");
  CHECK(full_lower_case("ΑΣ'Α ΑΣ' Α\u0301Σ.") == "ασ'α ας' α\u0301ς.");
  CHECK(full_lower_case("a\xff\xc3Z") == "a\xff\xc3z");
}

TEST_CASE("white space is what Python's str.split has") {
  CHECK(split_at_white_space(" a\tb\u00a0c\x1c\u3000d\u2028e\u0085f ") == Words{"a", "b", "c", "d", "e", "f"});
  CHECK(split_at_white_space("a\u200bb\xa0") == Words{"a\u200bb\xa0"});
  CHECK(split_at_white_space(" \n").empty());
  CHECK(split_at_white_space("").empty());
  CHECK(kilm::text::stripped(" \u3000a\t b\u00a0\n") == "a\t b");
  CHECK(kilm::text::stripped("\xa0x\xff") == "\xa0x\xff");
  CHECK(kilm::text::stripped(" \u2028").empty());
}

TEST_CASE("what is not UTF-8 is told, replaced, or left as it is") {
  using namespace kilm::text;
  CHECK(is_utf8("é東🙂"));
  CHECK(is_utf8(""));
  for (const char* bad : {"a\xff", "\xc3", "\xed\xa0\x80", "\xc0\x80"}) CHECK(!is_utf8(bad));
  CHECK(as_utf8("a\xff\xc3(é") == "a\uFFFD\uFFFD(é");
  CHECK(decomposed("é\xff\u1E69가") == "e\u0301\xffs\u0323\u0307\u1100\u1161");
  CHECK(decomposed("a\u0301\u0327") == "a\u0327\u0301");  // marks by their class
  CHECK(decomposed("") == "");
}

TEST_CASE(
    "many marks of one letter are sorted by their class in a time that many texts have, equal ones as they stand") {
  constexpr size_t kPairs = 100'000;
  std::string mixed = "a", above, below, again = "b";
  for (size_t i = 0; i < kPairs; ++i) {
    const std::string one = i % 2 == 0 ? "\u0301" : "\u0300";  // both of class 230
    mixed += one + "\u0327";                                   // of class 202
    above += one;
    below += "\u0327";
  }
  again += "\u0301\u0327";
  CHECK((kilm::text::decomposed(mixed + again) == "a" + below + above + "b\u0327\u0301"));
  CHECK(kilm::text::decomposed("\u0327\u0301\u0300") == "\u0327\u0301\u0300");
  CHECK(kilm::text::decomposed("é\u0327\xff\u0301\u0327각\u0301") ==
        "e\u0327\u0301\xff\u0327\u0301\u1100\u1161\u11a8\u0301");
}

TEST_CASE("numbers, punctuation, and what is neither seen nor assigned") {
  using namespace kilm::text;
  for (const char32_t c : {U'7', U'½', U'Ⅷ', U'٣'}) CHECK(is_number(c));
  for (const char32_t c : {U'a', U'-', U'+'}) CHECK(!is_number(c));
  for (const char32_t c : {U'-', U'_', U'(', U'«', U'!', U'。'}) CHECK(is_punctuation(c));
  for (const char32_t c : {U'+', U'$', U'`', U'a', U' '}) CHECK(!is_punctuation(c));
  for (const char32_t c : {U' ', U'\n', U'\u00ad', U'\u200b', U'\u2028', U'\ue000', U'\u0378', kNoCharacter})
    CHECK(is_separator_or_control(c));
  for (const char32_t c : {U'a', U'+', U'.', U'\u0301'}) CHECK(!is_separator_or_control(c));
}

TEST_CASE("letters, numbers and _ are of a word, marks and signs are not") {
  for (const char32_t c : U"aZ9_éß東ª²ⅧⅯ٣") CHECK((c == 0 || kilm::text::is_word_character(c)));
  for (const char32_t c : U"-' .\u0301’–€🙂") CHECK(!kilm::text::is_word_character(c));
}
