#include "tests/cuda_emulation/block.h"

#include <map>

#include "tests/cuda_emulation/device_functions.h"
#include "tests/cuda_emulation/exchange.h"
#include "tests/cuda_emulation/sanitizers.h"

namespace cuda_emulation {

namespace {

// How a thread whose kernel has ended leaves it: what lies on its stack is destroyed.
struct Stopped {};

}  // namespace

Block& block() {
  static Block& block = *new Block;  // its fibers are used until the program ends
  return block;
}

void fail(const std::string& fault) {
  if (block().running()) block().stop(fault);
  throw Error(fault);
}

void Block::run(dim3 threads, const std::function<void()>& body, Order order, Random& random) {
  order_ = order;
  body_ = &body;
  start(threads);
  scheduler_.start(order, size_, random);
  Thread* first = next();
  first->fiber = &fiber_for(*first);
  resume(*first);
  release(&begin_);
  host_.switch_to(*first->fiber);
  if (!fault_.empty()) give_up_fibers();
  acquire(&end_);
  current_ = nullptr;
  if (!fault_.empty()) throw Error(fault_);
}

// Gives up threads that lie in the middle of a kernel: nobody goes on with them. ThreadSanitizer does not let an unseen
// one end.
void Block::give_up_fibers() {
  idle_.clear();
  if (!kThreadSanitizer) return fibers_.clear();
  for (uint32_t i = 0; i < size_; ++i) fibers_[i].release()->release_work(&end_);
}

void Block::start(dim3 threads) {
  size_ = alive_ = threads.x * threads.y * threads.z;
  if (threads_.size() < size_) threads_.resize(size_);
  for (uint32_t i = 0; i < size_; ++i) {
    Thread& thread = threads_[i];
    thread.number = i;
    thread.index = {i % threads.x, i / threads.x % threads.y, i / threads.x / threads.y};
    thread.state = Thread::State::fresh;
    thread.fiber = nullptr;
    thread.copies.clear();
  }
  barrier_ = Barrier();
  fault_.clear();
  start_exchanges((size_ + 31) / 32);
  if (!kThreadSanitizer) return;
  // Made here, for to it the maker of a thread comes before the thread.
  if (fibers_.size() < size_) fibers_.resize(size_);
  for (uint32_t i = 0; i < size_; ++i)
    if (!fibers_[i]) fibers_[i] = std::make_unique<Fiber>(fiber_main, ("CUDA thread " + std::to_string(i)).c_str());
}

Thread* Block::next() {
  const int number = fault_.empty() ? scheduler_.next() : -1;
  return number < 0 ? nullptr : &threads_[size_t(number)];
}

// Returns a fiber for the thread: an idle one goes on in fiber_main. Under ThreadSanitizer, which takes what one fiber
// does for the work of one thread, no two threads of a block share one.
Fiber& Block::fiber_for(const Thread& thread) {
  if (kThreadSanitizer) return *fibers_[thread.number];
  if (idle_.empty()) return *fibers_.emplace_back(std::make_unique<Fiber>(fiber_main));
  Fiber& fiber = *idle_.back();
  idle_.pop_back();
  return fiber;
}

// Sets what the thread sees of itself.
void Block::resume(Thread& thread) {
  current_ = &thread;
  thread.state = Thread::State::ready;
  threadIdx = thread.index;
}

void Block::run_thread() {
  acquire(&begin_);
  try {
    (*body_)();
  } catch (const Stopped&) {
  }
  release(&end_);
  const Unseen unseen;
  if (current_->copies.open() > 0 && fault_.empty())
    fault_ = "a thread left the kernel with copies by cp.async that it never waited for";
  current_->state = Thread::State::done;
  --alive_;
}

void Block::fiber_main() {
  Fiber::entered();
  Block& b = block();
  for (;;) {
    b.run_thread();
    const Unseen unseen;
    Thread& self = *b.current_;
    Thread* next = b.next();
    if (!kThreadSanitizer && next && next->state == Thread::State::fresh) {  // goes on with this stack: no switch
      next->fiber = self.fiber;
      b.resume(*next);
      continue;
    }
    if (!kThreadSanitizer) b.idle_.push_back(self.fiber);
    b.go_on(next);  // comes back for another thread
  }
}

// Switches from the current thread to `next`, or, if there is none, back to the host.
void Block::go_on(Thread* next) {
  Thread& self = *current_;
  if (!next) {
    if (alive_ > 0 && fault_.empty()) fault_ = stuck();
    self.fiber->switch_to(host_);
    return;
  }
  if (next->state == Thread::State::fresh) next->fiber = &fiber_for(*next);
  resume(*next);
  ++counters().switches;
  if (next != &self) self.fiber->switch_to(*next->fiber);
}

void Block::wait(const char* what, Location where) {
  current_->state = Thread::State::waiting;
  current_->waits_in = what;
  current_->where = where;
  go_on(next());
}

void Block::wake(uint32_t thread) {
  threads_[thread].state = Thread::State::ready;
  scheduler_.wake(thread);
}

// Lets the scheduler decide whether the current thread goes on.
void Block::step_back() {
  scheduler_.wake(current_->number);
  go_on(next());
}

void Block::wake_and_step_back(uint32_t first, uint32_t mask) {
  for (uint32_t i = 0; i < 32; ++i) {
    const uint32_t lane = order_ == Order::reverse ? 31 - i : i;
    if ((mask >> lane & 1) && first + lane != current_->number) wake(first + lane);
  }
  if (shuffled()) step_back();
}

int Block::barrier(const char* what, int value, Location where) {
  const Unseen unseen;
  ++counters().barriers;
  const int round = barrier_.round;
  if (barrier_.arrived == 0) {
    barrier_.what = what;
    barrier_.where = where;
    barrier_.sums[round] = 0;
  } else if (!(barrier_.where == where) || !same_text(barrier_.what, what)) {
    stop("threads of one block are at different barriers: " + std::string(what) + " at " + to_string(where) + " and " +
         barrier_.what + " at " + to_string(barrier_.where));
  }
  barrier_.sums[round] += value;
  release(&barrier_.sums[round]);
  if (++barrier_.arrived < size_) {
    wait(what, where);
  } else {
    barrier_.arrived = 0;
    barrier_.round = 1 - round;
    for (uint32_t i = 0; i < size_; ++i) {
      const uint32_t other = order_ == Order::reverse ? size_ - 1 - i : i;
      if (other != current_->number) wake(other);
    }
    if (shuffled()) step_back();
  }
  acquire(&barrier_.sums[round]);
  return barrier_.sums[round];
}

void Block::stop(const std::string& fault) {
  const Unseen unseen;
  fault_ = fault;
  throw Stopped();
}

void Block::stop_here(const std::string& fault) {
  const Unseen unseen;
  fault_ = fault;
  current_->state = Thread::State::waiting;
  current_->fiber->switch_to(host_);
  __builtin_unreachable();
}

// Tells who waits where, by the number of threads that do.
std::string Block::stuck() const {
  std::map<std::string, int> groups;
  for (uint32_t i = 0; i < size_; ++i) {
    const Thread& thread = threads_[i];
    if (thread.state == Thread::State::done)
      ++groups["have left the kernel"];
    else
      ++groups["wait in " + std::string(thread.waits_in) + " at " + to_string(thread.where)];
  }
  std::string text = "threads of one block can never go on:";
  const char* separator = " ";
  for (const auto& [what, count] : groups) {
    text += separator + std::to_string(count) + " " + what;
    separator = "; ";
  }
  return text;
}

}  // namespace cuda_emulation
