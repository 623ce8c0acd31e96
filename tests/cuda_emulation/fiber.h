// A stack of its own, on which a function stops in the middle and later goes on. Each CUDA thread runs on one.
#pragma once

#include <cstddef>

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

namespace cuda_emulation {

class Fiber {
 public:
  Fiber() = default;                // stands for the code that runs already
  explicit Fiber(void (*entry)());  // a new stack; `entry` never returns
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Forgets what is on the stack: the next switch to it begins at `entry`.
  void restart(void (*entry)());
  // Stops here, on this fiber, and goes on with `next`. Returns when somebody switches back.
  void switch_to(Fiber& next);
  // The first thing that an entry does.
  static void entered();

 private:
  void arrived();

#if defined(__x86_64__)
  void* stack_pointer_ = nullptr;
#else
  ucontext_t context_;
#endif
  std::byte* mapped_ = nullptr;  // an inaccessible page, then the stack
  // What AddressSanitizer wants to know of a stack.
  const void* bottom_ = nullptr;
  size_t size_ = 0;
  void* fake_stack_ = nullptr;
};

}  // namespace cuda_emulation
