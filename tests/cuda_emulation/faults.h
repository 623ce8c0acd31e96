// Accesses of kernels to device memory that is not there: freed, never allocated, or of another device.
#pragma once

#include <csignal>

namespace cuda_emulation {

// While it lives, such an access ends the kernel with a report. Only on Linux x86-64 without AddressSanitizer, which
// reports accesses itself; elsewhere it ends the program.
class FaultWatch {
 public:
  FaultWatch();
  ~FaultWatch();
  FaultWatch(const FaultWatch&) = delete;
  FaultWatch& operator=(const FaultWatch&) = delete;

 private:
  struct sigaction before_ {};
};

}  // namespace cuda_emulation
