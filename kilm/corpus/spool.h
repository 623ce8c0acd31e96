// Records that go into a scratch file while a dump is read, and come out in the same order as often as wanted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kilm/corpus/scratch_file.h"

namespace kilm {

class Spool {
 public:
  explicit Spool(const std::string& folder) : file_(folder) {}

  void add(std::string_view record);  // OutOfMemory when the disk is full
  int64_t records() const { return records_; }

  void rewind();                        // to the first record; nothing may be added afterwards
  bool next(std::string_view& record);  // valid until the next call; false behind the last one

 private:
  ScratchFile file_;
  int64_t records_ = 0;
  std::optional<ScratchReader> reader_;
};

}  // namespace kilm
