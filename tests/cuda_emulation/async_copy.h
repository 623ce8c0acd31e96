// cp.async: copies into shared memory that arrive when their thread waits for them, and not a moment earlier.
#pragma once

#include <array>
#include <cstdint>

namespace cuda_emulation {

// The copies of one thread that have not arrived.
class AsyncCopies {
 public:
  // Issues a copy of 16 bytes, of which the first `valid` come from `from` and the others are 0. The target becomes
  // 0xff at once. Both addresses are aligned to 16 bytes.
  void issue(void* to, const void* from, unsigned valid);
  void commit();               // what was issued since the last commit is a group
  void wait(unsigned groups);  // until at most so many of the last groups are on their way
  unsigned open() const { return copies_issued_ - copies_arrived_; }
  void clear() { copies_issued_ = copies_arrived_ = groups_issued_ = groups_arrived_ = 0; }

 private:
  struct Copy {
    void* to;
    const void* from;
    unsigned valid;
  };
  std::array<Copy, 256> copies_;  // rings
  std::array<unsigned, 64> end_of_group_;
  unsigned copies_issued_ = 0, copies_arrived_ = 0;
  unsigned groups_issued_ = 0, groups_arrived_ = 0;
};

// Starts a copy, in copied_bytes.cpp, which the sanitizers watch: the bytes are read and written as if the thread had
// done it.
void start_copy(void* to, const void* from, unsigned valid);
void finish_copy(void* to, const void* from, unsigned valid);

}  // namespace cuda_emulation
