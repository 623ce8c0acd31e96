// A temporary file without a name: records go in while a dump is read, and come out in the same order as often as
// wanted. Nothing of it stays, however the process ends.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace kilm {

class Spool {
 public:
  explicit Spool(const std::string& folder);  // Error if no file can be made there
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  void add(std::string_view record);  // OutOfMemory when the disk is full
  int64_t records() const { return records_; }

  void rewind();                   // to the first record; nothing may be added afterwards
  bool next(std::string& record);  // false behind the last one

 private:
  [[noreturn]] void fail(const char* what) const;

  std::string folder_;
  std::FILE* file_;
  int64_t records_ = 0, read_ = 0;
};

}  // namespace kilm
