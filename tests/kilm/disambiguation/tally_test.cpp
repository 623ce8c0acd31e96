#include "kilm/disambiguation/tally.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "kilm/disambiguation/disambiguate.h"

using doctest::Approx;
using kilm::disambiguation::Summary;
using kilm::disambiguation::Tally;
using kilm::evaluation::MentionCandidate;
using kilm::evaluation::MentionItem;

namespace {

// Adds a mention whose candidates have falling scores but for `predicted`, the place of the best one.
void add(Tally& tally, const std::string& document, std::optional<std::string> gold,
         std::vector<MentionCandidate> candidates, size_t predicted = 0, bool own = false,
         std::optional<size_t> context = {}) {
  MentionItem item{.id = 0,
                   .document = document,
                   .own_document = own,
                   .text = std::make_shared<const std::string>("m"),
                   .start = 0,
                   .end = 1,
                   .title = gold,
                   .candidates = std::move(candidates)};
  std::vector<double> scores;
  for (size_t i = 0; i < item.candidates.size(); ++i) scores.push_back(i == predicted ? 1 : -double(i));
  tally.add(item, kilm::disambiguation::prediction(item, scores), context);
}

std::map<std::string, std::pair<double, double>> baselines(const Summary& summary) {
  std::map<std::string, std::pair<double, double>> result;
  for (const auto& baseline : summary.baselines) result[baseline.name] = {baseline.accuracy, baseline.micro_f1};
  return result;
}

}  // namespace

TEST_CASE("a tally counts, and measures what is in the knowledge base") {
  Tally tally;
  add(tally, "one", "B", {{"A", {}, 5.0}, {"B", {}, 5.0}, {"C", {}, 1.0}}, 1);  // right
  add(tally, "two", "B", {{"A", {}, 1.0}, {"B", {}, 2.0}});                     // wrong; popular is right
  add(tally, "one", "Z", {{"A", {}, 1.0}});                                     // gold is no candidate
  add(tally, "three", "Z", {});
  add(tally, "two", std::nullopt, {{"A", {}, 1.0}});
  const Summary summary = tally.summary(4);
  CHECK(summary.mentions == 4);
  CHECK(summary.nil == 1);
  CHECK(summary.skipped == 4);
  CHECK(summary.documents == 3);
  CHECK(summary.predicted == 3);
  CHECK(summary.gold_in_candidates == 2);
  CHECK(summary.names ==
        std::vector<std::string>{"accuracy", "micro_precision", "micro_recall", "micro_f1", "macro_f1"});
  const double expected[] = {1.0 / 2, 1.0 / 3, 1.0 / 4, 2.0 / 7, (2.0 / 4 + 0) / 2};
  for (size_t i = 0; i < 5; ++i) {
    CHECK(summary.values[i] == Approx(expected[i]));
    CHECK(summary.intervals[i].low <= summary.values[i]);
    CHECK(summary.intervals[i].high >= summary.values[i]);
  }
  auto without = baselines(summary);
  CHECK(without["first"] == std::pair(0.0, 0.0));
  CHECK(without["random"].first == Approx((1.0 / 3 + 1.0 / 2) / 2));
  CHECK(without["random"].second == Approx(2 * (1.0 / 3 + 1.0 / 2) / 7));
  CHECK(without["popular"].first == Approx(1.0 / 2));  // of equal counts the earlier
  CHECK(without["upper_bound"].first == 1);
  CHECK(without["upper_bound"].second == Approx(2.0 * 2 / 7));
  const base::Json json = to_json(summary);
  CHECK(json.at("mentions").as_int() == 4);
  CHECK(json.at("baselines").at("random").at("micro_f1").as_number() == without["random"].second);
  CHECK(json.at("confidence").at("macro_f1").items()[1].as_number() == summary.intervals[4].high);
}

TEST_CASE("a tally without a gold title has no measures, and one without all counts no popular") {
  Tally tally;
  add(tally, "line 1", std::nullopt, {{"A", {}, 1.0}, {"B"}}, 0, true);
  add(tally, "line 1", std::nullopt, {}, 0, true);
  const Summary summary = tally.summary(0);
  CHECK(summary.documents == 2);
  CHECK(summary.nil == 2);
  for (size_t i = 0; i < summary.values.size(); ++i) {
    CHECK(std::isnan(summary.values[i]));
    CHECK(std::isnan(summary.intervals[i].low));
  }
  CHECK(!baselines(summary).contains("popular"));
  CHECK(!baselines(summary).contains("context"));
  CHECK(to_json(summary).at("accuracy").dump() == "null");
}

TEST_CASE("a tally has the choice of a bag of words where one was asked") {
  Tally tally;
  add(tally, "one", "B", {{"A"}, {"B"}}, 0, false, 1);
  add(tally, "one", "B", {{"A"}, {"B"}}, 0, false, 0);
  add(tally, "one", "C", {}, 0, false, std::nullopt);
  const auto without = baselines(tally.summary(0));
  CHECK(without.at("context").first == Approx(1.0 / 2));
  CHECK(without.at("context").second == Approx(2.0 * 1 / (2 + 3)));
}
