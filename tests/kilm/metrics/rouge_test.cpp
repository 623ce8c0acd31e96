#include "kilm/metrics/rouge.h"

#include <doctest/doctest.h>

using doctest::Approx;
using namespace kilm::metrics;

namespace {

double rouge_l(std::string_view prediction, std::string_view reference) {
  return kilm::metrics::rouge_l(prediction, reference, Stemming::none);
}

double rouge_n(std::string_view prediction, std::string_view reference, size_t n) {
  return kilm::metrics::rouge_n(rouge_words(prediction, Stemming::none), rouge_words(reference, Stemming::none), n);
}

}  // namespace

TEST_CASE("ROUGE-L is the F1 of the longest common subsequence of words") {
  CHECK(rouge_l("the cat sat on the mat", "the cat sat on the mat") == 1);
  CHECK(rouge_l("the cat sat", "the mat") == Approx(2.0 / 5));
  // Lin's example: "police killed the gunman" against two others that share words in and out of order.
  CHECK(rouge_l("police kill the gunman", "police killed the gunman") == Approx(0.75));
  CHECK(rouge_l("the gunman kill police", "police killed the gunman") == Approx(0.5));
  CHECK(rouge_l("a b c d e", "e d c b a") == Approx(0.2));
}

TEST_CASE("ROUGE-N is the F1 of runs of words, each as often as it is in both") {
  CHECK(rouge_n("a b a b", "a b c", 1) == Approx(2.0 * 2 / 7));
  CHECK(rouge_n("a b a b", "a b c", 2) == Approx(2.0 * 1 / 5));
  CHECK(rouge_n("a", "a", 2) == 0);
}

TEST_CASE("words are runs of ASCII letters and digits, in any case") {
  CHECK(rouge_l("Capital of France.", "capital, of: FRANCE") == 1);
  CHECK(rouge_l("U.S. state", "u s state") == 1);
  CHECK(rouge_l("caf\xc3\xa9", "caf") == 1);
  CHECK(rouge_l("founded 1903", "1903") == Approx(2.0 / 3));
  CHECK(rouge_words("İzmir 300\u212A", Stemming::none) == std::vector<std::string>{"i", "zmir", "300k"});
}

TEST_CASE("the stemmer takes words of more than three characters") {
  CHECK(rouge_words("Rivers ran dies was", Stemming::porter) == std::vector<std::string>{"river", "ran", "die", "was"});
  CHECK(rouge_words("Rivers", Stemming::none) == std::vector<std::string>{"rivers"});
}

TEST_CASE("nothing in common is no score, nor is nothing at all") {
  CHECK(rouge_l("", "") == 0);
  CHECK(rouge_l("one", "") == 0);
  CHECK(rouge_l("...", "...") == 0);
  CHECK(rouge_l("one", "two") == 0);
}
