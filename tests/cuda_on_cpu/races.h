// Races that ThreadSanitizer finds between CUDA threads. A program without it finds none.
#pragma once

namespace tests {

// While it lives, races are counted instead of reported. The sanitizer tells of one pair of lines once.
class Races {
 public:
  Races();
  ~Races();
  Races(const Races&) = delete;
  Races& operator=(const Races&) = delete;

  int found() const;
};

}  // namespace tests
