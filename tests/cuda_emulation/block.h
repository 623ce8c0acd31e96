// One block of CUDA threads: each is a fiber that runs until it waits, and all of them share one thread of the system.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/cuda_emulation/async_copy.h"
#include "tests/cuda_emulation/fiber.h"
#include "tests/cuda_emulation/location.h"
#include "tests/cuda_emulation/scheduler.h"
#include "tests/cuda_emulation/vector_types.h"

namespace cuda_emulation {

struct Thread {
  enum class State : uint8_t { fresh, ready, waiting, done };

  uint32_t number = 0;  // in the block
  uint3 index{};        // threadIdx
  State state = State::fresh;
  Fiber* fiber = nullptr;
  const char* waits_in = "";  // the function and the line in which it waits
  Location where;
  AsyncCopies copies;

  unsigned lane() const { return number % 32; }
  unsigned warp() const { return number / 32; }
};

class Block {
 public:
  // Runs `body` in each of the threads. Throws Error if they stop for ever, or one of them calls fail().
  void run(dim3 threads, const std::function<void()>& body, Order order, Random& random);

  // ---- for CUDA threads
  Thread& current() { return *current_; }
  bool running() const { return current_ != nullptr; }
  // Waits for all threads of the block. Returns the sum of what they give.
  int barrier(const char* what, int value, Location where);
  void wait(const char* what, Location where);  // until somebody wakes this thread
  void wake(uint32_t thread);
  void wake_and_step_back(uint32_t first, uint32_t mask);  // wakes others of a warp; some orders then run them first
  [[noreturn]] void stop(const std::string& fault);        // ends the kernel; leaves the thread by an exception
  [[noreturn]] void stop_here(const std::string& fault);   // the same where none may be thrown: never comes back

 private:
  static void fiber_main();
  void run_thread();

  void start(dim3 threads);
  void give_up_fibers();
  void go_on(Thread* next);
  Thread* next();
  Fiber& fiber_for(const Thread& thread);
  void resume(Thread& thread);
  void step_back();
  bool shuffled() const { return order_ == Order::random || order_ == Order::greedy; }
  std::string stuck() const;

  struct Barrier {
    uint32_t arrived = 0;
    const char* what = "";
    Location where;
    int sums[2] = {};  // one is read while the next is made
    int round = 0;
  };

  std::vector<Thread> threads_;
  uint32_t size_ = 0;  // of threads_, those of this block
  Order order_ = Order::forward;
  const std::function<void()>* body_ = nullptr;
  Scheduler scheduler_;
  Barrier barrier_;
  uint32_t alive_ = 0;
  Thread* current_ = nullptr;
  Fiber host_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Fiber*> idle_;  // fibers without a thread
  std::string fault_;
  char begin_ = 0, end_ = 0;  // for ThreadSanitizer: of all threads of a block
};

Block& block();  // that of the kernel that runs

// Ends the kernel with this fault in a CUDA thread. Elsewhere it throws Error.
[[noreturn]] void fail(const std::string& fault);

}  // namespace cuda_emulation
