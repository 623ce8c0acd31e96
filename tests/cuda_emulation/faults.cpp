#include "tests/cuda_emulation/faults.h"

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <string>

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

[[noreturn]] void end_kernel() { block().stop("reads or writes " + describe(address)); }

// A kernel goes on in end_kernel(), on its own stack, as if it had called it; what it was about to do is left undone.
void on_fault(int, siginfo_t* info, void* context) {
  if (is_device_memory(info->si_addr)) {
    address = info->si_addr;
    if (block().running()) {
      greg_t* registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
      registers[REG_RSP] = ((registers[REG_RSP] - 512) & ~greg_t(15)) - 8;
      registers[REG_RIP] = greg_t(reinterpret_cast<uintptr_t>(&end_kernel));
      return;
    }
    std::fprintf(stderr, "the host reads or writes device memory: %s\n", describe(address).c_str());
  }
  std::signal(SIGSEGV, SIG_DFL);  // the access is tried again, and ends the program
}

}  // namespace

void watch_faults() {
  struct sigaction action {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGSEGV, &action, nullptr);
}

#else

void watch_faults() {}

#endif

}  // namespace cuda_emulation
