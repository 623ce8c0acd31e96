#include "tests/cuda_emulation/fiber.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/cuda_emulation/sanitizers.h"

using cuda_emulation::Fiber;

// To ThreadSanitizer a switch orders nothing, so that the two race for the story.
#if !KILM_EMULATION_TSAN
namespace {

std::string story;
Fiber* host = nullptr;
Fiber* self = nullptr;

void tell() {
  Fiber::entered();
  const double kept = 0.5 * double(story.size());  // lives on the stack over switches
  for (int i = 0;; ++i) {
    story += "f" + std::to_string(int(kept) + i);
    self->switch_to(*host);
  }
}

}  // namespace

TEST_CASE("a fiber goes on where it stopped") {
  story = "";
  Fiber here, other(tell);
  host = &here;
  self = &other;
  here.switch_to(other);
  story += " h ";
  here.switch_to(other);
  CHECK(story == "f0 h f1");
}
#endif
