// Memory for tests. While a GuardedMemory lives, every storage of this process is surrounded by guard bytes. It starts
// as 0xff bytes, which are nan in every floating dtype.
#pragma once

#include <string>

namespace tests {

class GuardedMemory {
 public:
  GuardedMemory();
  ~GuardedMemory();
  GuardedMemory(const GuardedMemory&) = delete;
  GuardedMemory& operator=(const GuardedMemory&) = delete;

  // Returns "", or what was damaged so far: "a block of 80 bytes was written to 4 bytes behind its end".
  std::string damage() const;
};

}  // namespace tests
