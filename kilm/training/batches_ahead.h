// Batches that a thread makes while steps run. Each begins where the one before ends, so neither their order nor their
// contents depend on when the thread comes to make them.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

#include "kilm/training/step_batch.h"

namespace kilm::training {

class BatchesAhead {
 public:
  using Make = std::function<StepBatch(const batching::Cursor& begin)>;

  // Gives `count` batches from `begin` on, of which up to `ahead` are made before they are asked for, by a thread that
  // calls `make`. With 0 ahead there is no thread, and next() makes its batch itself.
  BatchesAhead(Make make, const batching::Cursor& begin, int64_t count, int64_t ahead);

  // Returns the next batch; waits until it is made. Throws what making it threw, now and whenever it is called again.
  // Throws Error if all were taken.
  StepBatch next();

 private:
  struct Made {
    StepBatch batch;
    std::exception_ptr error;
  };
  Made make_one();
  void work(const std::stop_token& stop);

  Make make_;
  batching::Cursor cursor_;  // of the batch that is made next; the thread's, where there is one
  const int64_t count_, ahead_;
  int64_t taken_ = 0;
  std::mutex mutex_;  // guards made_
  std::condition_variable_any changed_;
  std::deque<Made> made_;
  std::jthread thread_;  // is asked to stop, and waited for, before anything else goes
};

}  // namespace kilm::training
