// More records than fit in memory, in the order of their keys. What memory holds is sorted and written to a scratch
// file as one run, again and again; reading merges the runs. Memory is what the constructor was given while records are
// added, and 16 MiB while they are read, or kFanIn times the longest record.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kilm/prepare/external/scratch_file.h"
#include "tensor/base/json.h"

namespace kilm::prepare {

// Returns a number as a key: eight bytes, the highest first.
std::string number_key(uint64_t number);
uint64_t key_number(std::string_view key);  // reads its first eight bytes

class SortedRuns {
 public:
  static constexpr size_t kMemory = size_t(16) << 20;  // bytes; a record longer than that is held nevertheless
  static constexpr size_t kFanIn = 256;                // runs that are merged at once

  explicit SortedRuns(const std::string& folder, size_t memory = kMemory);
  // Goes on with the file of an earlier process, as Spool does; `path` lies in `folder`.
  SortedRuns(const std::string& folder, const std::string& path, const base::Json& state, size_t memory = kMemory);
  base::Json save();

  // Adds a record. Throws Error if key or value has 4 GiB, OutOfMemory when the disk is full.
  void add(std::string_view key, std::string_view value);
  bool empty() const { return runs_.empty() && records_.empty(); }

  struct Run {
    int64_t begin, end;  // bytes of the file
  };

  // Keys in the order of their bytes; of equal ones what was added first comes first.
  class Reader {
   public:
    Reader(ScratchFile& file, std::span<const Run> runs);

    bool next();  // false behind the last record
    std::string_view key() const { return sources_[order_[0]].key; }
    std::string_view value() const { return sources_[order_[0]].value; }

   private:
    struct Source {
      ScratchReader bytes;
      std::string_view key = {}, value = {};
      bool advance();
    };
    bool comes_later(size_t a, size_t b) const;  // of two sources
    void sink(size_t place);

    std::vector<Source> sources_;  // in the order in which their records were added
    std::vector<size_t> order_;    // a heap of those that hold a record, the next one in front
    bool begun_ = false;
  };
  // Reads from the beginning, as often as wanted. A reader is valid as long as this object, and until more is added.
  Reader read();

 private:
  // How a record in memory is sorted. The first bytes of the key decide most comparisons.
  struct SortKey {
    uint64_t first_bytes;
    uint64_t at;
  };
  bool less(const SortKey& a, const SortKey& b) const;
  void sort();
  void write_run();
  void free_memory();

  std::string folder_;
  size_t memory_;
  std::string bytes_;  // records as they are in the file: u32 size of the key, u32 size of the value, both
  std::vector<SortKey> records_;
  std::unique_ptr<ScratchFile> file_;
  std::vector<Run> runs_;                // of file_
  std::unique_ptr<ScratchFile> merged_;  // fewer and longer ones, where there were more than can be read at once
};

}  // namespace kilm::prepare
