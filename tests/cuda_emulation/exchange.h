// The meeting of the lanes of a warp, which is behind every warp function: each lane brings a value, waits for the
// others that the mask names, and reads what they brought.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "tests/cuda_emulation/block.h"
#include "tests/cuda_emulation/location.h"

namespace cuda_emulation {

struct Meeting {
  unsigned mask = 0, arrived = 0;
  int inside = 0;  // lanes that have yet to read
  const char* what = "";
  Location where;
  struct alignas(16) Slot {
    std::byte bytes[32];
  } slots[32];
};

class Exchange {
 public:
  // Waits until all lanes of `mask` have called `what`. Ends the kernel if lanes of a warp disagree on what they do. A
  // meeting to which nothing is brought (bytes == 0) is for the order of memory: that of others changes none.
  Exchange(unsigned mask, const char* what, const void* value, size_t bytes, Location where);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // Returns what the lane brought, from its `offset`-th byte.
  template <class T>
  T from(unsigned lane, size_t offset = 0) const {
    T value;
    std::memcpy(&value, meeting_->slots[lane].bytes + offset, sizeof value);
    return value;
  }
  unsigned mask() const { return meeting_->mask; }

 private:
  Meeting* meeting_;
};

void start_exchanges(uint32_t warps);  // of a new block

}  // namespace cuda_emulation
