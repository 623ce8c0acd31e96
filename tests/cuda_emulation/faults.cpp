#include "tests/cuda_emulation/faults.h"

#include <cstdint>

#include "tests/cuda_emulation/block.h"
#include "tests/cuda_emulation/memory.h"
#include "tests/cuda_emulation/sanitizers.h"

#if defined(__x86_64__) && defined(__linux__) && !KILM_EMULATION_ASAN
#include <ucontext.h>
#endif

namespace cuda_emulation {

#if defined(__x86_64__) && defined(__linux__) && !KILM_EMULATION_ASAN

namespace {

const void* address = nullptr;

[[noreturn]] void end_kernel() { block().stop_here("reads or writes " + describe(address)); }

// Lets the kernel go on in end_kernel(), on its own stack, as if it had called it. The access is left undone.
void on_fault(int, siginfo_t* info, void* context) {
  if (!block().running() || !is_device_memory(info->si_addr)) {
    std::signal(SIGSEGV, SIG_DFL);  // tried again, it ends the program
    return;
  }
  address = info->si_addr;
  greg_t* registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  registers[REG_RSP] = ((registers[REG_RSP] - 512) & ~greg_t(15)) - 8;
  registers[REG_RIP] = greg_t(reinterpret_cast<uintptr_t>(&end_kernel));
}

}  // namespace

FaultWatch::FaultWatch() {
  struct sigaction action {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGSEGV, &action, &before_);
}

FaultWatch::~FaultWatch() { sigaction(SIGSEGV, &before_, nullptr); }

#else

FaultWatch::FaultWatch() = default;
FaultWatch::~FaultWatch() = default;

#endif

}  // namespace cuda_emulation
