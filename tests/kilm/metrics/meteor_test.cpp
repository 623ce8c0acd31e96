#include "kilm/metrics/meteor.h"

#include <doctest/doctest.h>

#include <cmath>

using doctest::Approx;
using kilm::metrics::meteor;

TEST_CASE("METEOR weighs precision and recall, and takes off for every break in the order") {
  const auto score = [](double precision, double recall, double chunks, double matches) {
    return (1 - 0.5 * std::pow(chunks / matches, 3)) * precision * recall / (0.9 * precision + 0.1 * recall);
  };
  CHECK(meteor("a b c", "a b c") == Approx(score(1, 1, 1, 3)));
  CHECK(meteor("a b", "a b c d") == Approx(score(1, 0.5, 1, 2)));
  CHECK(meteor("c d a b", "a b c d") == Approx(score(1, 1, 2, 4)));
  CHECK(meteor("The Cat", "the cat") == Approx(score(1, 1, 1, 2)));
  CHECK(meteor("running dogs", "runs dog now") == Approx(score(1, 2.0 / 3, 1, 2)));  // by their stems
  CHECK(meteor("cat, sat", "cat sat") == Approx(score(0.5, 0.5, 1, 1)));             // words end at white space
  CHECK(meteor("a x", "a y a") == Approx(score(0.5, 1.0 / 3, 1, 1)));
}

TEST_CASE("a word is matched with the last free one") {
  // "a" with the second "a", so that both matches stand behind each other: one chunk.
  CHECK(meteor("a b", "a c a b") == Approx((1 - 0.5 / 8) * 0.5 / (0.9 + 0.1 * 0.5)));
}

TEST_CASE("nothing in common is no score") {
  CHECK(meteor("", "") == 0);
  CHECK(meteor("a", "") == 0);
  CHECK(meteor("a", "b") == 0);
}
