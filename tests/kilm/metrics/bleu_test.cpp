#include "kilm/metrics/bleu.h"

#include <doctest/doctest.h>

#include <cmath>

using doctest::Approx;
using namespace kilm::metrics;

namespace {

using Texts = std::vector<std::string>;

BleuCounts counts(const std::string& prediction, const Texts& references) {
  return bleu_counts(prediction, references);
}

}  // namespace

TEST_CASE("signs are tokens, stops and commas but between digits, dashes behind digits") {
  CHECK(bleu_tokens("Hello, world! (1,000.5)") == Texts{"Hello", ",", "world", "!", "(", "1,000.5", ")"});
  CHECK(bleu_tokens("A.B. .5 5. 10-20 e-mail") ==
        Texts{"A", ".", "B", ".", ".", "5", "5", ".", "10", "-", "20", "e-mail"});
  CHECK(bleu_tokens("it's &lt;x&gt; &amp;quot;") == Texts{"it's", "<", "x", ">", "&", "quot", ";"});
  CHECK(bleu_tokens("<skipped>to-\nday, é.\u00a0x-\n") == Texts{"today", ",", "é", ".", "x-"});
  CHECK(bleu_tokens("") == Texts{});
}

TEST_CASE("a run counts as often as the reference that has it most often") {
  // The example of Papineni et al.: two of seven "the".
  const BleuCounts the = counts("the the the the the the the", {"the cat is on the mat", "there is a cat on the mat"});
  CHECK(the.right[0] == 2);
  CHECK(the.all[0] == 7);
  CHECK(the.right[1] == 0);
  CHECK(the.prediction == 7);
  CHECK(the.reference == 7);
  CHECK(counts("a b c d", {"a b", "a b c d e f"}).reference == 2);  // as near as the longer one
}

TEST_CASE("BLEU is the geometric mean of precisions, less for what is short, smoothed for what is not there") {
  CHECK(counts("a b c d e", {"a b c d e"}).value() == Approx(100));
  BleuCounts two = counts("a b c d", {"a b c d e f g h"});
  CHECK(two.value() == Approx(100 * std::exp(1 - 8.0 / 4)));
  two.add(counts("x y z", {"a"}));
  CHECK(two.value() == Approx(100 * std::exp(1 - 9.0 / 7) * std::pow(4.0 / 7 * 3 / 5 * 2 / 3 * 1 / 1, 0.25)));
  BleuCounts thrice = counts("a b", {"b a"});
  thrice.add(counts("a b c d", {"a b c d"}), 2);
  CHECK(thrice.prediction == 10);
  CHECK(thrice.all[3] == 2);
  // No run of three or four is right: they count as a half and a quarter of one.
  CHECK(counts("a b x y", {"a b c d"}).value() == Approx(100 * std::pow(2.0 / 4 * 1 / 3 * 0.5 / 2 * 0.25 / 1, 0.25)));
  CHECK(counts("a b c", {"a b c"}).value() == 0);  // there is no run of four
  CHECK(counts("x y z w", {"a b c d"}).value() == 0);
  CHECK(counts("", {""}).value() == 0);
}
