// Progress of long work on standard error: one line that is rewritten on a terminal, a plain line now and then
// elsewhere. Never part of a result.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace kilm::job {

class Progress {
 public:
  // Starts at `done`, where a resumed job is, and counts speed from there. A `total` of 0 means that it is unknown.
  Progress(std::string what, int64_t total, int64_t done = 0);
  ~Progress();  // ends the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Shows `done` of the total. `note` is free text: "loss 2.31  5.2 k tokens/s".
  void update(int64_t done, const std::string& note);
  void say(const std::string& line);  // prints a line of its own

 private:
  using Clock = std::chrono::steady_clock;
  std::string time_left(int64_t done, Clock::time_point now) const;

  std::string what_;
  int64_t total_, first_;
  bool terminal_;
  Clock::time_point start_, shown_;
  bool any_ = false;
};

}  // namespace kilm::job
