#include "tests/cuda_emulation/async_copy.h"

#include "tests/cuda_emulation/block.h"

namespace cuda_emulation {

void AsyncCopies::issue(void* to, const void* from, unsigned valid) {
  if (open() == copies_.size()) fail("cp.async: one thread has more than 256 copies on their way");
  start_copy(to, from, valid);
  copies_[copies_issued_++ % copies_.size()] = {to, from, valid};
}

void AsyncCopies::commit() {
  if (groups_issued_ - groups_arrived_ == end_of_group_.size())
    fail("cp.async: one thread has more than 64 groups on their way");
  end_of_group_[groups_issued_++ % end_of_group_.size()] = copies_issued_;
}

void AsyncCopies::wait(unsigned groups) {
  while (groups_issued_ - groups_arrived_ > groups) {
    const unsigned end = end_of_group_[groups_arrived_++ % end_of_group_.size()];
    for (; copies_arrived_ != end; ++copies_arrived_) {
      const Copy& copy = copies_[copies_arrived_ % copies_.size()];
      finish_copy(copy.to, copy.from, copy.valid);
    }
  }
}

}  // namespace cuda_emulation
