#include "kilm/objective/noise.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>

using kilm::objective::Draws;
using kilm::objective::Purpose;

namespace {

Draws draws(uint32_t sample) { return {3, Purpose::infill, sample, 0}; }

// Returns <s> and </s> around sentences of one, two, … tokens.
std::vector<bool> sentences(size_t count) {
  std::vector<bool> starts = {false};
  for (size_t sentence = 0; sentence < count; ++sentence)
    for (size_t i = 0; i <= sentence; ++i) starts.push_back(i == 0);
  starts.push_back(false);
  return starts;
}

}  // namespace

TEST_CASE("every order of the sentences is as likely as another, and each stays whole") {
  std::map<std::vector<size_t>, int> orders;
  for (uint32_t sample = 0; sample < 6000; ++sample)
    ++orders[kilm::objective::permute_sentences(sentences(3), 1, draws(sample))];
  REQUIRE(orders.size() == 6);
  for (const auto& [order, count] : orders) CHECK(count == doctest::Approx(1000).epsilon(0.1));
  CHECK(orders.contains({0, 4, 5, 6, 1, 2, 3, 7}));
  CHECK(orders.contains({0, 1, 2, 3, 4, 5, 6, 7}));
}

TEST_CASE("a share of the sentences changes places, the others keep theirs") {
  bool changed = false;
  for (uint32_t sample = 0; sample < 200; ++sample) {
    const std::vector<bool> ones(12, true);  // ten sentences of one token
    const std::vector<size_t> order = kilm::objective::permute_sentences(ones, 0.25, draws(sample));
    std::vector<size_t> sorted = order;
    std::sort(sorted.begin(), sorted.end());
    int moved = 0;
    for (size_t i = 0; i < order.size(); ++i) {
      CHECK(sorted[i] == i);
      moved += order[i] != i;
    }
    CHECK(moved <= 3);
    CHECK(order.back() == 11);
    changed = changed || moved == 3;
  }
  CHECK(changed);
  CHECK(kilm::objective::permute_sentences({false, false}, 1, draws(0)) == std::vector<size_t>{0, 1});
  CHECK(kilm::objective::permute_sentences({false, false, true, false}, 0, draws(0)) ==
        std::vector<size_t>{0, 1, 2, 3});
}

TEST_CASE("exactly the wanted share is hidden, and nothing that is not maskable") {
  for (uint32_t sample = 0; sample < 300; ++sample)
    for (const double rate : {0.0, 0.15, 0.3, 0.99}) {
      std::vector<bool> maskable(40, true), hidden(40);
      for (const size_t fixed : {0, 7, 8, 20, 39}) maskable[fixed] = false;
      hidden[8] = true;  // knowledge
      kilm::objective::hide_spans(hidden, maskable, rate, 3, draws(sample));
      CHECK(std::count(hidden.begin(), hidden.end(), true) == 1 + int64_t(std::ceil(rate * 35)));
      for (const size_t fixed : {0, 7, 20, 39}) CHECK(!hidden[fixed]);
    }
}

TEST_CASE("spans of length zero are as frequent as Poisson has them") {
  int64_t empty = 0;
  for (uint32_t sample = 0; sample < 2000; ++sample) {
    std::vector<bool> hidden(100);
    empty += kilm::objective::hide_spans(hidden, std::vector<bool>(100, true), 0.3, 1, draws(sample));
  }
  // 30 tokens take about 30 draws of mean one, and a share of exp(-1) of them is empty.
  CHECK(double(empty) / 2000 == doctest::Approx(30 * std::exp(-1.0)).epsilon(0.05));
}

TEST_CASE("masks are inserted in front of what is visible and of the text") {
  const std::vector<bool> maskable = {false, true, true, true, false, true, false},
                          hidden = {false, true, false, true, true, false, false};
  const std::vector<int64_t> inserted = kilm::objective::insert_masks(hidden, maskable, 1000, draws(0));
  CHECK(inserted[2] + inserted[5] == 1000);
  CHECK(inserted[2] == doctest::Approx(500).epsilon(0.1));
  CHECK(kilm::objective::insert_masks({true, false}, {true, false}, 5, draws(0)) == std::vector<int64_t>{0, 0});
  CHECK(kilm::objective::insert_masks(hidden, maskable, 0, draws(0)) == std::vector<int64_t>(7));
}
