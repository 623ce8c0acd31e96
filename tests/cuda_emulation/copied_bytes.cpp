// Compiled with the sanitizers, unlike the rest of the emulation under ThreadSanitizer.
#include <cstdint>

#include "tests/cuda_emulation/async_copy.h"

namespace cuda_emulation {

// Touches both sides when the copy is issued, too: from then on nobody else may write the source or use the target.
void start_copy(void* to, const void* from, unsigned valid) {
  volatile uint64_t seen;
  for (unsigned i = 0; i < 2; ++i) {
    if (8 * i < valid) seen = static_cast<const uint64_t*>(from)[i];
    static_cast<uint64_t*>(to)[i] = ~uint64_t(0);
  }
  (void)seen;
}

void finish_copy(void* to, const void* from, unsigned valid) {
  for (unsigned i = 0; i < 2; ++i)
    static_cast<uint64_t*>(to)[i] = 8 * i < valid ? static_cast<const uint64_t*>(from)[i] : 0;
}

}  // namespace cuda_emulation
