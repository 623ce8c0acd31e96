#include "kilm/training/batches_ahead.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <vector>

#include "tensor/base/error.h"

using kilm::batching::Cursor;
using kilm::training::BatchesAhead;
using kilm::training::StepBatch;

namespace {

// Returns a batch from `begin` that goes on a window more than the one before, and says so.
StepBatch make(const Cursor& begin) {
  StepBatch batch;
  batch.epoch = double(begin.index);
  batch.end = {begin.epoch, begin.index + begin.index % 3 + 1, begin.plain};
  return batch;
}

std::vector<double> all(BatchesAhead& batches, int64_t count) {
  std::vector<double> begins;
  for (int64_t i = 0; i < count; ++i) begins.push_back(batches.next().epoch);
  return begins;
}

// Waits until `number` is `wanted`, a second at most.
bool comes_to(const std::atomic<int64_t>& number, int64_t wanted) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  while (number < wanted && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  return number == wanted;
}

}  // namespace

TEST_CASE("batches made ahead are those that would be made when they are asked for") {
  const std::vector<double> expected = {5, 8, 11, 14, 17, 20, 23};
  for (const int64_t ahead : {0, 1, 2, 100}) {
    BatchesAhead batches(make, {0, 5, 0}, 7, ahead);
    CHECK(all(batches, 7) == expected);
    CHECK_THROWS_WITH_AS(batches.next(), "batches: all 7 were taken", base::Error);
  }
}

TEST_CASE("batches: as many are ahead as were wanted, and none that nobody will ask for") {
  std::atomic<int64_t> made = 0;
  const auto counted = [&](const Cursor& begin) {
    ++made;
    return make(begin);
  };
  {
    BatchesAhead batches(counted, {}, 4, 2);
    CHECK(comes_to(made, 2));
    batches.next();
    CHECK(comes_to(made, 3));
    all(batches, 3);
    CHECK(made == 4);
  }
  made = 0;
  { const BatchesAhead untouched(counted, {}, 4, 2); }
  CHECK(made <= 2);
  made = 0;
  BatchesAhead batches(counted, {}, 4, 0);
  CHECK(made == 0);
  batches.next();
  CHECK(made == 1);
}

TEST_CASE("batches: what making one throws arrives at the step that needs it") {
  for (const int64_t ahead : {0, 1, 100}) {
    BatchesAhead batches(
        [](const Cursor& begin) {
          if (begin.index == 3) throw base::DamagedInput("shard 7 is cut off");
          return make(begin);
        },
        {}, 9, ahead);
    CHECK(all(batches, 2) == std::vector<double>{0, 1});
    for (int again = 0; again < 2; ++again)
      CHECK_THROWS_WITH_AS(batches.next(), "shard 7 is cut off", base::DamagedInput);
  }
}
