#include "tests/cuda_emulation/exchange.h"

#include <deque>
#include <vector>

#include "tests/cuda_emulation/sanitizers.h"

namespace cuda_emulation {

namespace {

// The meetings of each warp; those that nobody is in are used again.
std::vector<std::deque<Meeting>>& meetings = *new std::vector<std::deque<Meeting>>;

bool complete(const Meeting& meeting) { return meeting.arrived == meeting.mask; }

// Returns the meeting for which lane `bit` comes: one that waits for it, or a new one.
Meeting& meeting_for(unsigned mask, unsigned bit, const char* what, Location where) {
  std::deque<Meeting>& list = meetings[block().current().warp()];
  Meeting* unused = nullptr;
  for (Meeting& meeting : list) {
    if (meeting.inside == 0) {
      unused = &meeting;
      continue;
    }
    if (complete(meeting) || !(meeting.mask & bit)) continue;
    if (meeting.mask == mask && same_text(meeting.what, what)) return meeting;
    block().stop("lanes of one warp disagree: " + std::string(what) + " at " + to_string(where) + " and " +
                 meeting.what + " at " + to_string(meeting.where));
  }
  Meeting& meeting = unused ? *unused : list.emplace_back();
  meeting.mask = mask;
  meeting.arrived = 0;
  meeting.what = what;
  meeting.where = where;
  return meeting;
}

}  // namespace

void start_exchanges(uint32_t warps) {
  if (meetings.size() < warps) meetings.resize(warps);
  for (std::deque<Meeting>& list : meetings)
    for (Meeting& meeting : list) meeting.inside = 0;
}

Exchange::Exchange(unsigned mask, const char* what, const void* value, size_t bytes, Location where) {
  const Unseen unseen;
  ++counters().exchanges;
  const Thread& self = block().current();
  const unsigned bit = 1u << self.lane();
  if (!(mask & bit)) fail(std::string(what) + " at " + to_string(where) + ": the lane is not in its own mask");
  meeting_ = &meeting_for(mask, bit, what, where);
  meeting_->arrived |= bit;
  ++meeting_->inside;
  if (bytes > 0) std::memcpy(meeting_->slots[self.lane()].bytes, value, bytes);
  if (bytes == 0) release(meeting_);
  if (complete(*meeting_))
    block().wake_and_step_back(self.warp() * 32, mask);
  else
    block().wait(what, where);
  if (bytes == 0) acquire(meeting_);
}

Exchange::~Exchange() {
  const Unseen unseen;
  --meeting_->inside;
}

}  // namespace cuda_emulation
