#include "kilm/retrieval/ngrams.h"

#include <doctest/doctest.h>

using namespace kilm::retrieval;
using Words = std::vector<std::string>;

TEST_CASE("tokens are runs of letters, digits and marks, or one other character, decomposed and in lower case") {
  CHECK(tokens("Who's the U.S. president?") == Words{"who", "'", "s", "the", "u", ".", "s", ".", "president", "?"});
  CHECK(tokens("a_b C++") == Words{"a", "_", "b", "c", "+", "+"});
  CHECK(tokens("Caf\u00e9 \u00bd\u2167 \u6771\u4eac") == Words{"cafe\u0301", "\u00bd\u2177", "\u6771\u4eac"});
  CHECK(tokens("\u1E69 \u212B \uAC01") == Words{"s\u0323\u0307", "a\u030a", "\u1100\u1161\u11a8"});
  CHECK(tokens("\u039F\u0394\u039F\u03A3") == Words{"\u03bf\u03b4\u03bf\u03c2"});
  CHECK(tokens("x\u00a0y\u200bz\tw\u00adv") == Words{"x", "y", "z", "w", "v"});
  CHECK(tokens("a\xff\xc3(") == Words{"a", "("});
  CHECK(tokens("") == Words{});
}

TEST_CASE("n-grams are one or two neighbours of which none says little") {
  CHECK(ngrams("who sings the red song") == Words{"sings", "red", "red song", "song"});
  CHECK(ngrams("red, blue") == Words{"red", "blue"});
  CHECK(ngrams("1 + 1") == Words{"1", "1 +", "+", "+ 1", "1"});
  CHECK(ngrams("of the") == Words{});
  CHECK(ngram_buckets("hello", 1u << 24) == std::vector<uint32_t>{0x8BFA47});
  CHECK(ngram_buckets("hello", 1) == std::vector<uint32_t>{0});
}
