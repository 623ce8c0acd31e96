#include "tensor/work_count.h"

#include <mutex>
#include <vector>

#include "tensor/trace.h"

namespace tensor {

namespace {

std::mutex mutex;
std::vector<WorkCount*> counters;  // those that live

}  // namespace

WorkCount::WorkCount() {
  const std::lock_guard lock(mutex);
  counters.push_back(this);
  counting_ = true;
}

WorkCount::~WorkCount() {
  const std::lock_guard lock(mutex);
  std::erase(counters, this);
  counting_ = !counters.empty();
}

void WorkCount::add_to_all(int64_t Work::*kind) {
  const char* op = Trace::innermost();
  const std::lock_guard lock(mutex);
  for (WorkCount* counter : counters) counter->by_op_[op ? op : "other"].*kind += 1;
}

Work WorkCount::total() const {
  Work total;
  for (const auto& [op, work] : by_op()) {
    total.launches += work.launches;
    total.copies += work.copies;
    total.waits += work.waits;
  }
  return total;
}

std::map<std::string, Work> WorkCount::by_op() const {
  const std::lock_guard lock(mutex);
  return by_op_;
}

void WorkCount::reset() {
  const std::lock_guard lock(mutex);
  by_op_.clear();
}

}  // namespace tensor
