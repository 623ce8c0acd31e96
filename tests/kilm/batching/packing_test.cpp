#include "kilm/batching/packing.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "tensor/base/error.h"
#include "tests/kilm/toy.h"
#include "tests/second_device.h"

using kilm::batching::Cursor;
using kilm::batching::Loader;
using kilm::batching::MicroBatch;
using kilm::objective::Example;

namespace {

struct Data {
  kilm::tokenizer::Tokenizer tokenizer = toy::tokenizer();
  kilm::objective::InfillObjective objective{tokenizer, {.max_length = 64}};
  Loader loader(int64_t batch_tokens, int64_t windows = 12, bool knowledge = true) const {
    return Loader(toy::windows(windows), objective, {.seed = 5, .batch_tokens = batch_tokens, .knowledge = knowledge});
  }
};

int64_t tokens(const std::vector<Example>& examples) {
  int64_t sum = 0;
  for (const Example& example : examples) sum += int64_t(example.source.size() + example.target.size());
  return sum;
}

// Returns the targets of an epoch, which name the windows they are made of.
std::vector<std::vector<int32_t>> epoch(const Loader& loader, int64_t number) {
  std::vector<std::vector<int32_t>> targets;
  for (Cursor cursor{number, 0}; cursor.epoch == number;)
    for (const Example& example : loader.next(cursor)) targets.push_back(example.target);
  return targets;
}

}  // namespace

TEST_CASE("a micro-batch holds what its examples say, one after another") {
  const Data data;
  const kilm::tokenizer::Tokenizer& tokenizer = data.tokenizer;
  using kilm::objective::Group;
  const std::vector<Example> examples = {
      {{0, 10, 260, 2}, {0, 10, 11, 2}, {Group::copy, Group::copy, Group::infill, Group::copy}},
      {{0, 2}, {0, 2}, {Group::copy, Group::copy}, true}};
  MicroBatch batch = MicroBatch::of(examples, tokenizer);
  using Ids = std::vector<int32_t>;
  CHECK(batch.source.ids.tensor().to_vector<int32_t>() == Ids{0, 10, 260, 2, 0, 2});
  CHECK(batch.source.positions.tensor().to_vector<int32_t>() == Ids{2, 3, 4, 5, 2, 3});
  CHECK(batch.source.sequences.tensor().to_vector<int32_t>() == Ids{0, 4, 6});
  CHECK(batch.target.ids.tensor().to_vector<int32_t>() == Ids{2, 0, 10, 11, 2, 0});
  CHECK(batch.labels.tensor().to_vector<int32_t>() == Ids{0, 10, 11, 2, 0, 2});
  CHECK(batch.plain == std::vector<bool>{false, false, false, false, true, true});
  kilm::batching::GroupCounts counts = {1, 0, 0};
  batch.count(counts);
  CHECK(counts == kilm::batching::GroupCounts{6, 1, 0});
  batch.weigh({0.5, 3, 0});
  CHECK(batch.weights.to_vector<float>() == std::vector<float>{0.5, 0.5, 3, 0.5, 0.5, 0.5});
}

TEST_CASE("on cuda sequences of padding that weigh nothing close a micro-batch, and all that is told of it stays") {
  const tests::SecondDevice second;
  const Data data;
  const Loader loader = data.loader(700);
  const kilm::batching::GroupWeights weights = {0.25, 0.5, 2};
  for (Cursor cursor; cursor.epoch < 2;) {
    const std::vector<Example> examples = loader.next(cursor);
    MicroBatch open = MicroBatch::of(examples, data.tokenizer);
    MicroBatch closed = MicroBatch::of(examples, data.tokenizer, second.device);
    open.weigh(weights);
    closed.weigh(weights);
    CHECK(closed.sequences == int64_t(examples.size()));
    CHECK(closed.tokens_source == open.source.tokens());
    CHECK(closed.tokens_target == open.target.tokens());
    CHECK(closed.groups == open.groups);
    CHECK(closed.plain == open.plain);
    CHECK(closed.source.sequences.count() == closed.target.sequences.count());
    CHECK(closed.source.sequences.count() % kilm::batching::kClosedSequences == 0);
    // The same, and then nothing but one value.
    const auto check_closed = [](const auto& with, const auto& without, auto value) {
      CHECK(with.size() % size_t(kilm::batching::kClosedRows) == 0);
      CHECK(with.size() - without.size() < size_t(kilm::batching::kClosedRows));
      CHECK(std::equal(without.begin(), without.end(), with.begin()));
      CHECK(std::count(with.begin() + ptrdiff_t(without.size()), with.end(), value) ==
            ptrdiff_t(with.size() - without.size()));
    };
    const auto check_ids = [&](const tensor::Ids& with, const tensor::Ids& without, int32_t value) {
      check_closed(with.tensor().to_vector<int32_t>(), without.tensor().to_vector<int32_t>(), value);
    };
    for (const auto side : {&MicroBatch::source, &MicroBatch::target}) {
      check_ids((closed.*side).ids, (open.*side).ids, data.tokenizer.pad());
      const std::span<const int32_t> offsets = (closed.*side).sequences.offsets();
      const std::span<const int32_t> before = (open.*side).sequences.offsets();
      CHECK(std::equal(before.begin(), before.end(), offsets.begin()));
      for (size_t i = examples.size(); i + 1 < offsets.size(); ++i)
        CHECK(offsets[i + 1] - offsets[i] <= std::min((open.*side).sequences.longest(), int64_t(64)));
    }
    check_ids(closed.labels, open.labels, -1);
    check_ids(closed.group_ids, open.group_ids, -1);
    check_ids(closed.plain_ids, open.plain_ids, -1);
    check_closed(closed.weights.to_vector<float>(), open.weights.to_vector<float>(), 0.0f);
  }
}

TEST_CASE("micro-batches keep to the budget, and the next example would not have fitted") {
  const Data data;
  const Loader loader = data.loader(200);
  Cursor cursor;
  for (int i = 0; i < 20; ++i) {
    const std::vector<Example> examples = loader.next(cursor);
    CHECK(tokens(examples) <= 200);
    Cursor ahead = cursor;
    CHECK(tokens(examples) + tokens({loader.next(ahead).front()}) > 200);
  }
}

TEST_CASE("an example that is longer than the budget comes alone") {
  const Data data;
  const Loader loader = data.loader(1);
  Cursor cursor;
  for (int64_t i = 1; i <= 12; ++i) {
    CHECK(loader.next(cursor).size() == 1);
    CHECK(cursor.epoch * 12 + cursor.index == i);
  }
}

TEST_CASE("an epoch shows every window once, and another epoch in another order with other masks") {
  const Data data;
  const Loader loader = data.loader(1);  // one by one, so that no micro-batch spans epochs
  const auto first = epoch(loader, 0), second = epoch(loader, 1);
  CHECK(first.size() == 12);
  const std::set<std::vector<int32_t>> windows(first.begin(), first.end());
  CHECK(windows.size() == 12);
  CHECK(windows == std::set<std::vector<int32_t>>(second.begin(), second.end()));
  CHECK(first != second);
  Cursor a, b{1, 0};
  std::set<std::vector<int32_t>> sources;
  for (int i = 0; i < 12; ++i) {
    sources.insert(loader.next(a)[0].source);
    sources.insert(loader.next(b)[0].source);
  }
  CHECK(sources.size() > 12);
}

TEST_CASE("what comes next depends on the cursor alone") {
  const Data data;
  const Loader loader = data.loader(200);
  std::vector<std::vector<Example>> all;
  std::vector<Cursor> cursors = {{}};
  for (int i = 0; i < 15; ++i) {
    Cursor cursor = cursors.back();
    all.push_back(loader.next(cursor));
    cursors.push_back(cursor);
  }
  CHECK(cursors.back().epoch > 0);
  const Loader other = data.loader(200);
  for (const size_t i : {14, 3, 0, 9}) {
    Cursor cursor = cursors[i];
    const std::vector<Example> again = other.next(cursor);
    REQUIRE(again.size() == all[i].size());
    CHECK(cursor == cursors[i + 1]);
    for (size_t j = 0; j < again.size(); ++j) {
      CHECK(again[j].source == all[i][j].source);
      CHECK(again[j].target == all[i][j].target);
    }
  }
}

TEST_CASE("without knowledge no example has any") {
  const Data data;
  const auto with = epoch(data.loader(1), 0), without = epoch(data.loader(1, 12, false), 0);
  const auto marked = [&](const std::vector<std::vector<int32_t>>& targets) {
    int64_t n = 0;
    for (const auto& target : targets)
      for (const int32_t id : target) n += id == data.tokenizer.kilm_tokens().ent;
    return n;
  };
  CHECK(marked(with) == 10);  // two windows mention nothing
  CHECK(marked(without) == 0);
}

namespace {

// Returns windows of the plain stream, which no others are like.
kilm::dataset::WindowSet plain_windows(int64_t count) {
  return {count, [](int64_t i) {
            static const std::vector<std::string> texts = {"a b", "a b c", "a b c d", "a b c d e"};
            return kilm::dataset::Window{texts[size_t(i)], {{0, 1, "A", "letter"}}};
          }};
}

}  // namespace

TEST_CASE("the plain stream has its share of the windows, and an order and masks of its own") {
  const Data data;
  const Loader loader({toy::windows(), plain_windows(4)}, data.objective,
                      {.seed = 5, .batch_tokens = 1, .plain_ratio = 0.4});
  const std::vector<std::vector<int32_t>> without = epoch(data.loader(1), 0);
  std::vector<std::vector<int32_t>> knowledge, plain;
  Cursor cursor;
  for (int i = 0; i < 3000; ++i) {
    const Cursor before = cursor;
    const Example example = loader.next(cursor).front();
    const bool marked = std::count(example.target.begin(), example.target.end(), data.tokenizer.kilm_tokens().ent) > 0;
    CHECK(cursor.plain - before.plain == example.plain);
    CHECK(cursor.epoch * 12 + cursor.index - before.epoch * 12 - before.index == !example.plain);
    CHECK(!(example.plain && marked));
    (example.plain ? plain : knowledge).push_back(example.target);
  }
  CHECK(double(plain.size()) / 3000 == doctest::Approx(0.4).epsilon(0.05));
  CHECK(std::equal(without.begin(), without.end(), knowledge.begin()));  // what is shown with knowledge is as ever
  for (size_t i = 0; i + 4 <= 40; i += 4)                                // every pass shows all four
    CHECK(std::set<std::vector<int32_t>>(plain.begin() + long(i), plain.begin() + long(i + 4)).size() == 4);
}

TEST_CASE("without data of its own the plain stream is of the same windows, under other masks") {
  const Data data;
  const Loader loader(toy::windows(), data.objective,
                      {.seed = 5, .batch_tokens = 1, .knowledge = false, .plain_ratio = 0.5});
  std::set<std::vector<int32_t>> plain, shown;
  std::set<std::vector<int32_t>> sources;
  int64_t examples = 0;
  for (Cursor cursor; cursor.epoch < 1 || cursor.plain < 12; ++examples) {
    const Example example = loader.next(cursor).front();
    (example.plain ? plain : shown).insert(example.target);
    sources.insert(example.source);
  }
  CHECK(plain.size() == 12);
  CHECK(plain == shown);
  CHECK(sources.size() > 12);
}

TEST_CASE("with a plain stream, too, what comes next depends on the cursor alone") {
  const Data data;
  const Loader loader({toy::windows(), plain_windows(4)}, data.objective,
                      {.seed = 5, .batch_tokens = 200, .plain_ratio = 0.7});
  std::vector<std::vector<Example>> all;
  std::vector<Cursor> cursors = {{}};
  for (int i = 0; i < 30; ++i) {
    Cursor cursor = cursors.back();
    all.push_back(loader.next(cursor));
    cursors.push_back(cursor);
  }
  for (const size_t i : {29, 3, 0, 17}) {
    Cursor cursor = cursors[i];
    const std::vector<Example> again = loader.next(cursor);
    REQUIRE(again.size() == all[i].size());
    CHECK(cursor == cursors[i + 1]);
    for (size_t j = 0; j < again.size(); ++j) CHECK(again[j].source == all[i][j].source);
  }
}

TEST_CASE("streams without windows are refused") {
  const Data data;
  CHECK_THROWS_WITH_AS(Loader(toy::windows(0), data.objective, {}), "training data: there are no windows", base::Error);
  CHECK_THROWS_WITH_AS(Loader({toy::windows(), toy::windows(0)}, data.objective, {.plain_ratio = 0.1}),
                       "plain data: there are no windows", base::Error);
}
