#include "tests/cuda_emulation/fiber.h"

#include <sys/mman.h>

#include <cstdint>
#include <new>

#include "tests/cuda_emulation/sanitizers.h"

#if defined(__x86_64__)
// Saves the registers that a function must keep on the stack of the caller, stores where they are in *save, and takes
// those of `load`. It ends in a jump, not a return: the processor would predict a return to the wrong place.
extern "C" void kilm_switch_stacks(void** save, void* load);
asm(R"(
.text
.type kilm_switch_stacks, @function
kilm_switch_stacks:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  popq %rcx
  jmp *%rcx
.size kilm_switch_stacks, .-kilm_switch_stacks
)");
#endif

namespace cuda_emulation {

namespace {

constexpr size_t kPage = 4096;
constexpr size_t kStack = size_t(256) << 10;

// Who switched last, and to whom.
Fiber* left = nullptr;
Fiber* running = nullptr;

}  // namespace

Fiber::Fiber(void (*entry)(), const char* name) {
  void* mapped =
      mmap(nullptr, kPage + kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  mprotect(mapped, kPage, PROT_NONE);
  mapped_ = static_cast<std::byte*>(mapped);
  bottom_ = mapped_ + kPage;
  size_ = kStack;
  prepare(entry);
  thread_ = new_thread(name);  // which comes after all this
}

Fiber::~Fiber() {
  if (!mapped_) return;
  unpoison(mapped_ + kPage, kStack);
  munmap(mapped_, kPage + kStack);
  delete_thread(thread_);
}

void Fiber::prepare(void (*entry)()) {
#if defined(__x86_64__)
  // As kilm_switch_stacks leaves a stack: six registers, where to go on, and for a function that begins there the
  // address that it would return to.
  auto* top = reinterpret_cast<uintptr_t*>(mapped_ + kPage + kStack) - 8;
  for (int i = 0; i < 8; ++i) top[i] = 0;
  top[6] = reinterpret_cast<uintptr_t>(entry);
  stack_pointer_ = top;
#else
  getcontext(&context_);
  context_.uc_stack = {.ss_sp = mapped_ + kPage, .ss_flags = 0, .ss_size = kStack};
  context_.uc_link = nullptr;
  makecontext(&context_, entry, 0);
#endif
}

void Fiber::switch_to(Fiber& next) {
  {
    const Unseen unseen;
    left = this;
    running = &next;
  }
  if (!mapped_) thread_ = current_thread();
  start_switch(&fake_stack_, next.bottom_, next.size_);
  become_thread(next.thread_);
#if defined(__x86_64__)
  kilm_switch_stacks(&stack_pointer_, next.stack_pointer_);
#else
  swapcontext(&context_, &next.context_);
#endif
  arrived();
}

void Fiber::release_work(void* at) {
  void* const here = current_thread();
  become_thread(thread_);
  release(at);
  become_thread(here);
}

void Fiber::arrived() { finish_switch(fake_stack_, &left->bottom_, &left->size_); }

void Fiber::entered() {
  running->fake_stack_ = nullptr;
  running->arrived();
}

}  // namespace cuda_emulation
