#include "tests/cuda_on_cpu/races.h"

namespace {

bool expected = false;
int count = 0;

}  // namespace

// The sanitizer asks its programs, in the thread that meets the race, whether a report is not to be written.
namespace __tsan {

class ReportDesc;

[[gnu::no_sanitize_thread]] bool OnReport(const ReportDesc*, bool suppressed) {
  count += expected;
  return suppressed || expected;
}

}  // namespace __tsan

// Lets an address be reported again. Shared memory has one address in all kernels: a race in one must not hide those of
// others.
extern "C" const char* __tsan_default_options() { return "suppress_equal_addresses=0"; }

namespace tests {

Races::Races() {
  expected = true;
  count = 0;
}

Races::~Races() { expected = false; }

int Races::found() const { return count; }

}  // namespace tests
