// Accesses to device memory that is not there: freed, never allocated, or out of the host's reach.
#pragma once

namespace cuda_emulation {

// From now on such an access of a kernel ends it with a report, and one of the host is told before the program dies.
// Only on Linux x86-64 without AddressSanitizer, which reports accesses itself.
void watch_faults();

}  // namespace cuda_emulation
