#include "kilm/job/progress.h"

#include <unistd.h>

#include <cmath>
#include <cstdio>

#include "kilm/text/quantity.h"
#include "tensor/base/format.h"

namespace kilm::job {

namespace {
constexpr double kTerminalSeconds = 0.2, kPlainSeconds = 10;
}

Progress::Progress(std::string what, int64_t total, int64_t done)
    : what_(std::move(what)), total_(total), first_(done), terminal_(isatty(STDERR_FILENO)), start_(Clock::now()) {}

Progress::~Progress() {
  if (terminal_ && any_) std::fputc('\n', stderr);
}

std::string Progress::time_left(int64_t done, Clock::time_point now) const {
  if (total_ == 0 || done <= first_) return "";
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double left = std::floor(seconds / double(done - first_) * double(total_ - done));
  return "  " + text::duration(left) + " left";
}

void Progress::update(int64_t done, const std::string& note) {
  const Clock::time_point now = Clock::now();
  const double since = std::chrono::duration<double>(now - shown_).count();
  const bool last = total_ > 0 && done >= total_;
  if (any_ && !last && since < (terminal_ ? kTerminalSeconds : kPlainSeconds)) return;
  any_ = true;
  shown_ = now;
  const std::string count = total_ > 0 ? base::format("{}/{}", done, total_) : base::format("{}", done);
  const std::string line = base::format("{} {}  {}{}", what_, count, note, time_left(done, now));
  std::fprintf(stderr, terminal_ ? "\r\033[K%s" : "%s\n", line.c_str());
  std::fflush(stderr);
}

void Progress::say(const std::string& line) { std::fprintf(stderr, terminal_ ? "\r\033[K%s\n" : "%s\n", line.c_str()); }

}  // namespace kilm::job
