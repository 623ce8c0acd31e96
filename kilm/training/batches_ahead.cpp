#include "kilm/training/batches_ahead.h"

#include "tensor/base/format.h"

namespace kilm::training {

BatchesAhead::BatchesAhead(Make make, const batching::Cursor& begin, int64_t count, int64_t ahead)
    : make_(std::move(make)), cursor_(begin), count_(count), ahead_(ahead) {
  if (ahead > 0) thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

BatchesAhead::Made BatchesAhead::make_one() {
  Made made;
  try {
    made.batch = make_(cursor_);
    cursor_ = made.batch.end;
  } catch (...) {
    made.error = std::current_exception();
  }
  return made;
}

void BatchesAhead::work(const std::stop_token& stop) {
  for (int64_t i = 0; i < count_; ++i) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stop, [this] { return int64_t(made_.size()) < ahead_; })) return;
    lock.unlock();
    Made made = make_one();
    const bool failed = made.error != nullptr;
    lock.lock();
    made_.push_back(std::move(made));
    changed_.notify_all();
    if (failed) return;
  }
}

StepBatch BatchesAhead::next() {
  base::check(taken_ < count_, "batches: all {} were taken", count_);
  std::unique_lock lock(mutex_);
  if (ahead_ == 0 && made_.empty()) made_.push_back(make_one());
  changed_.wait(lock, [this] { return !made_.empty(); });
  if (made_.front().error) std::rethrow_exception(made_.front().error);
  StepBatch batch = std::move(made_.front().batch);
  made_.pop_front();
  ++taken_;
  changed_.notify_all();
  return batch;
}

}  // namespace kilm::training
