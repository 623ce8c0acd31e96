// A stack of its own, on which a function stops in the middle and later goes on. Each CUDA thread runs on one.
#pragma once

#include <cstddef>

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

namespace cuda_emulation {

class Fiber {
 public:
  Fiber() = default;  // stands for the code that runs already
  // Makes a stack, on which the first switch calls `entry`, which never returns. Reports of races know it by its name.
  explicit Fiber(void (*entry)(), const char* name = "fiber");
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Stops here, on this fiber, and goes on with `next`. Returns when somebody switches back.
  void switch_to(Fiber& next);
  // Orders what it did before what whoever acquires `at` does next, though the fiber has stopped for good.
  void release_work(void* at);
  // Begins an entry: it is the first thing that one does.
  static void entered();

 private:
  void prepare(void (*entry)());
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
  void* thread_ = nullptr;  // what ThreadSanitizer takes it for
};

}  // namespace cuda_emulation
