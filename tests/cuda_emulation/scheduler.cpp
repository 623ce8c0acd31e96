#include "tests/cuda_emulation/scheduler.h"

#include <bit>
#include <utility>

namespace cuda_emulation {

void Scheduler::start(Order order, uint32_t threads, Random& random) {
  order_ = order;
  random_ = &random;
  head_ = count_ = 0;
  line_.resize(threads);
  const uint32_t warps = (threads + 31) / 32;
  runnable_.assign(warps, 0);
  rank_.resize(warps);
  for (uint32_t i = 0; i < warps; ++i) rank_[i] = i;
  if (order == Order::greedy)
    for (uint32_t i = warps; i > 1; --i) std::swap(rank_[i - 1], rank_[random.below(i)]);
  first_lane_ = order == Order::greedy ? random.below(32) : 0;
  for (uint32_t i = 0; i < threads; ++i) wake(order == Order::reverse ? threads - 1 - i : i);
}

void Scheduler::wake(uint32_t thread) {
  if (order_ == Order::greedy)
    runnable_[thread / 32] |= 1u << thread % 32;
  else
    line_[(head_ + count_++) % line_.size()] = thread;
}

int Scheduler::next() {
  switch (order_) {
    case Order::random: return next_at_random();
    case Order::greedy: return next_greedy();
    default: return next_in_line();
  }
}

int Scheduler::next_in_line() {
  if (count_ == 0) return -1;
  const uint32_t thread = line_[head_];
  head_ = (head_ + 1) % line_.size();
  --count_;
  return int(thread);
}

int Scheduler::next_at_random() {
  if (count_ == 0) return -1;
  std::swap(line_[random_->below(uint32_t(count_))], line_[count_ - 1]);
  return int(line_[--count_]);
}

int Scheduler::next_greedy() {
  const uint32_t warps = uint32_t(rank_.size());
  if (random_->below(64) == 0) std::swap(rank_[random_->below(warps)], rank_[random_->below(warps)]);
  for (const uint32_t warp : rank_) {
    if (runnable_[warp] == 0) continue;
    const int lane = (std::countr_zero(std::rotr(runnable_[warp], int(first_lane_))) + int(first_lane_)) % 32;
    runnable_[warp] &= ~(1u << lane);
    return int(warp * 32) + lane;
  }
  return -1;
}

}  // namespace cuda_emulation
