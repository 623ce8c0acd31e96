// Seconds of work, without the pauses in between.
#pragma once

#include <chrono>

namespace kilm::job {

class Stopwatch {
 public:
  void pause() {
    passed_ = passed();
    running_ = false;
  }
  void go_on() {
    start_ = Clock::now();
    running_ = true;
  }
  double seconds() const { return std::chrono::duration<double>(passed()).count(); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::duration passed() const { return running_ ? passed_ + (Clock::now() - start_) : passed_; }

  Clock::duration passed_{};
  Clock::time_point start_ = Clock::now();
  bool running_ = true;
};

}  // namespace kilm::job
