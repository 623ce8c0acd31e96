#include <doctest/doctest.h>

#include "tests/cuda_emulation/emulation.h"

using namespace cuda_emulation;

TEST_CASE("KILM_EMULATION names an order, a seed and flags") {
  CHECK(parse_options("").order == Order::forward);
  CHECK(parse_options("reverse").order == Order::reverse);
  const Options options = parse_options("greedy:17,deferred,isolate");
  CHECK(options.order == Order::greedy);
  CHECK(options.seed == 17);
  CHECK(options.deferred);
  CHECK(options.isolate);
  CHECK(!options.protect);
  CHECK(parse_options("random,protect").protect);
  CHECK_THROWS_WITH_AS(parse_options("backward"),
                       "KILM_EMULATION: the order backward should be forward, reverse, random or greedy", Error);
  CHECK_THROWS_WITH_AS(parse_options("forward,late"), "KILM_EMULATION: late should be deferred, protect or isolate",
                       Error);
}
