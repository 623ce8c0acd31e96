#include "kilm/probing/probe_score.h"

#include <doctest/doctest.h>

#include <cmath>

using kilm::probing::ProbeScore;

TEST_CASE("a probe's measures are means over facts, and over relations") {
  ProbeScore score;
  for (const int64_t rank : {1, 2, 10, 11}) score.add("P1", rank);
  score.add("P2", 1);
  score.skip();
  score.add_negated(true);
  score.add_negated(false);
  CHECK(score.all().facts() == 5);
  CHECK(score.all().precision_at_1() == doctest::Approx(2.0 / 5));
  CHECK(score.all().precision_at_10() == doctest::Approx(4.0 / 5));
  const double reciprocals = 1 + 0.5 + 0.1 + 1.0 / 11;
  CHECK(score.all().mrr() == doctest::Approx((reciprocals + 1) / 5));
  CHECK(score.macro().precision_at_1 == doctest::Approx((0.25 + 1) / 2));
  CHECK(score.macro().precision_at_10 == doctest::Approx((0.75 + 1) / 2));
  CHECK(score.macro().mrr == doctest::Approx((reciprocals / 4 + 1) / 2));

  const base::Json json = to_json(score);
  CHECK(json.at("facts").as_int() == 5);
  CHECK(json.at("skipped").as_int() == 1);
  CHECK(json.at("relations").members().size() == 2);
  CHECK(json.at("relations").at("P1").at("facts").as_int() == 4);
  CHECK(json.at("relations").at("P1").at("precision_at_10").as_number() == 0.75);
  CHECK(json.at("macro").at("precision_at_1").as_number() == 0.625);
  CHECK(json.at("negated").dump() == "{\"facts\": 2, \"same_top1\": 0.5}");
}

TEST_CASE("a probe without a fact has no measures") {
  const ProbeScore score;
  CHECK(std::isnan(score.all().mrr()));
  CHECK(to_json(score).dump().find("\"precision_at_1\": null") != std::string::npos);
}
