#include "kilm/metrics/answer.h"

#include <doctest/doctest.h>

using doctest::Approx;
using namespace kilm::metrics;

TEST_CASE("an answer is compared without case, ASCII punctuation, articles and spaces between words") {
  CHECK(normalized_answer(" The  U.S.A. (an ally), a friend ") == "usa ally friend");
  CHECK(normalized_answer("theater an-a") == "theater ana");
  CHECK(normalized_answer("the\u2019s the\u0301") == "\u2019s \u0301");  // where a word of Python's re ends
  CHECK(normalized_answer("“Über” the\u00a0straße") == "“über” straße");
  CHECK(exact_match("The Eiffel Tower!", "eiffel tower"));
  CHECK(!exact_match("Eiffel Towers", "eiffel tower"));
  CHECK(exact_match("a", "the"));  // nothing and nothing
}

TEST_CASE("F1 counts words that both have, each as often as it is in both") {
  CHECK(f1("the cat sat", "cat sat down") == Approx(2.0 * 1 * (2.0 / 3) / (1 + 2.0 / 3)));
  CHECK(f1("b b b", "b b") == Approx(0.8));
  CHECK(f1("x", "y") == 0);
  CHECK(f1("", "") == 0);
}

TEST_CASE("in TriviaQA's form punctuation, also some quotes, is a space") {
  const auto form = AnswerForm::triviaqa;
  CHECK(normalized_answer("The U.S.A. (an ally)", form) == "u s ally");  // a is an article
  CHECK(normalized_answer("well-known_name", form) == "well known name");
  CHECK(normalized_answer("rock ‘n’ roll´s `x`", form) == "rock n roll s x");
  CHECK(normalized_answer("“x” – é", form) == "“x” – é");
  CHECK(exact_match("Wal-Mart", "wal mart", form));
  CHECK(!exact_match("Wal-Mart", "walmart", form));
  CHECK(f1("a-b c", "b d", form) == Approx(0.5));
}
