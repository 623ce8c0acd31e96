// Records that go into a scratch file while a dump is read, and come out in the same order as often as wanted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kilm/prepare/external/scratch_file.h"
#include "tensor/base/json.h"

namespace kilm::prepare {

class Spool {
 public:
  explicit Spool(const std::string& folder) : file_(folder) {}
  // Goes on with the file of an earlier process, as it was when save() gave `state`; null: with none.
  Spool(const std::string& path, const base::Json& state);
  base::Json save();  // makes what was added durable, and says how far that goes

  void add(std::string_view record);  // OutOfMemory when the disk is full
  int64_t records() const { return records_; }

  void rewind();                        // to the first record; nothing may be added afterwards
  bool next(std::string_view& record);  // valid until the next call; false behind the last one

 private:
  ScratchFile file_;
  int64_t records_ = 0;
  std::optional<ScratchReader> reader_;
};

}  // namespace kilm::prepare
