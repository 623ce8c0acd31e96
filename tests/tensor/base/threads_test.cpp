#include "tensor/base/threads.h"

#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace base;

namespace {

// A number of threads for a scope.
struct Threads {
  explicit Threads(int n) : before(threads()) { set_threads(n); }
  ~Threads() { set_threads(before); }
  int before;
};

}  // namespace

TEST_CASE("set_threads sets what loops use") {
  CHECK(processors() >= 1);
  const Threads three(3);
  CHECK(threads() == 3);
}

TEST_CASE("parallel_for calls each block once, with its own bounds, whatever the number of threads") {
  for (const int n : {1, 4}) {
    const Threads guard(n);
    std::vector<int> seen(10, 0);
    std::atomic<int> calls = 0;
    parallel_for(10, 4, [&](int64_t begin, int64_t end) {
      ++calls;
      CHECK(begin % 4 == 0);
      CHECK(end == std::min<int64_t>(10, begin + 4));
      for (int64_t i = begin; i < end; ++i) ++seen[size_t(i)];
    });
    CHECK(calls == 3);
    CHECK(seen == std::vector<int>(10, 1));
    parallel_for(0, 4, [&](int64_t, int64_t) { ++calls; });
    CHECK(calls == 3);
  }
}

TEST_CASE("workers of one time have different numbers below threads(), and an inner loop has worker 0") {
  const Threads four(4);
  std::vector<std::atomic<bool>> busy(4);
  std::atomic<bool> good = true;
  parallel_for(64, 1, [&](int64_t, int64_t, int worker) {
    if (worker < 0 || worker >= 4 || busy[size_t(worker)].exchange(true)) {
      good = false;
      return;
    }
    parallel_for(8, 1, [&](int64_t, int64_t, int inner) {
      if (inner != 0) good = false;
    });
    busy[size_t(worker)] = false;
  });
  CHECK(good);
}

TEST_CASE("for_all does all pieces and throws the error of the lowest that failed") {
  for (const int n : {1, 4}) {
    const Threads guard(n);
    std::vector<int> done(20, 0);
    const auto piece = [&](int64_t i) {
      done[size_t(i)] = 1;
      if (i % 7 == 3) throw std::runtime_error("piece " + std::to_string(i));
    };
    CHECK_THROWS_WITH_AS(for_all(20, piece), "piece 3", std::runtime_error);
    CHECK(done == std::vector<int>(20, 1));
  }
}

TEST_CASE("a grain is about 32 k operations, and at least one item") {
  CHECK(grain_for(1) == 32768);
  CHECK(grain_for(1000) == 32);
  CHECK(grain_for(1 << 20) == 1);
  CHECK(grain_for(0) == 32768);
}
