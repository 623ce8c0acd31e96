#include "kilm/evaluation/metrics.h"

#include <doctest/doctest.h>

using doctest::Approx;
using kilm::evaluation::rouge_l;

TEST_CASE("ROUGE-L is the F1 of the longest common subsequence of words") {
  CHECK(rouge_l("the cat sat on the mat", "the cat sat on the mat") == 1);
  CHECK(rouge_l("the cat sat", "the mat") == Approx(2.0 / 5));
  // Lin's example: "police killed the gunman" against two others that share words in and out of order.
  CHECK(rouge_l("police kill the gunman", "police killed the gunman") == Approx(0.75));
  CHECK(rouge_l("the gunman kill police", "police killed the gunman") == Approx(0.5));
  CHECK(rouge_l("a b c d e", "e d c b a") == Approx(0.2));
}

TEST_CASE("words are runs of ASCII letters and digits, in any case") {
  CHECK(rouge_l("Capital of France.", "capital, of: FRANCE") == 1);
  CHECK(rouge_l("U.S. state", "u s state") == 1);
  CHECK(rouge_l("caf\xc3\xa9", "caf") == 1);
  CHECK(rouge_l("founded 1903", "1903") == Approx(2.0 / 3));
}

TEST_CASE("nothing in common is no score, nor is nothing at all") {
  CHECK(rouge_l("", "") == 0);
  CHECK(rouge_l("one", "") == 0);
  CHECK(rouge_l("...", "...") == 0);
  CHECK(rouge_l("one", "two") == 0);
}
