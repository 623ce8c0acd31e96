#include "kilm/metrics/labels.h"

#include <doctest/doctest.h>

#include <cmath>

using doctest::Approx;
using kilm::metrics::LabelCounts;

TEST_CASE("two labels: shares of right ones, the mean F1 and Matthews' correlation by their definitions") {
  LabelCounts counts;
  counts.add("1", "1", 6);  // true positives
  counts.add("1", "0", 2);
  counts.add("0", "1", 1);
  counts.add("0", "0", 3);
  CHECK(counts.accuracy() == Approx(9.0 / 12));
  CHECK(counts.macro_f1() == Approx((2.0 * 6 / (8 + 7) + 2.0 * 3 / (4 + 5)) / 2));
  CHECK(counts.matthews() == Approx((6 * 3 - 2 * 1) / std::sqrt(double(6 + 2) * (6 + 1) * (3 + 2) * (3 + 1))));
}

TEST_CASE("a label that was only predicted counts, one that came no time does not") {
  LabelCounts counts;
  counts.add("a", "a");
  counts.add("b", "a");
  counts.add("c", "c", 0);
  CHECK(counts.macro_f1() == Approx((2.0 / 3 + 0) / 2));
  CHECK(counts.matthews() == 0);
}

TEST_CASE("without a line nothing is defined") {
  const LabelCounts none;
  CHECK(std::isnan(none.accuracy()));
  CHECK(std::isnan(none.macro_f1()));
  CHECK(std::isnan(none.matthews()));
}
