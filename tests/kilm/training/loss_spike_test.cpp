#include "kilm/training/loss_spike.h"

#include <doctest/doctest.h>

TEST_CASE("a spike is far above the hundred losses before it, and not above fewer") {
  kilm::training::LossSpikes spikes;
  for (int i = 0; i < 99; ++i) CHECK(!spikes.add(2 + 0.01 * (i % 11)));  // median 2.05, deviation 0.03
  CHECK(!spikes.add(9));
  CHECK(!spikes.add(2.22));
  const auto spike = spikes.add(2.24);
  REQUIRE(spike);
  CHECK(spike->median == doctest::Approx(2.05));
  CHECK(spike->deviation == doctest::Approx(0.03));
  CHECK(!spikes.add(0));
}

TEST_CASE("what was a spike is the rule once it lasts") {
  kilm::training::LossSpikes spikes;
  for (int i = 0; i < 100; ++i) spikes.add(1 + 0.01 * (i % 11));
  int found = 0;
  for (int i = 0; i < 100; ++i) found += spikes.add(5 + 0.01 * (i % 11)).has_value();
  CHECK(found > 10);
  CHECK(found < 60);
}
