// A file that bytes are added to while work goes on, and read from at any place. Without a name nothing of it stays,
// however the process ends. With a name, another process can go on from where the work was when sync() was called.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace kilm::prepare {

class ScratchFile {
 public:
  explicit ScratchFile(const std::string& folder);  // without a name; Error if no file can be made there
  // Opens `path`, which is made if there is none, and drops what lies behind `bytes`. Throws DamagedInput if
  // it is shorter.
  ScratchFile(const std::string& path, int64_t bytes);
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  void add(std::string_view bytes);  // OutOfMemory when the disk is full
  void sync();                       // what was added so far outlives the process and the machine
  int64_t size() const { return size_; }
  const std::string& place() const { return place_; }  // for errors

  // Reads up to out.size() bytes from `at` on, fewer only at the end of the file.
  size_t read(int64_t at, std::span<char> out);

 private:
  void flush();
  [[noreturn]] void fail(const char* what) const;

  std::string place_;
  int descriptor_ = -1;
  int64_t size_ = 0;
  std::string pending_;  // the last bytes, not yet written
};

// Reads on from a place to an end, through a buffer.
class ScratchReader {
 public:
  ScratchReader(ScratchFile& file, int64_t begin, int64_t end, size_t buffer);

  bool at_end() const { return at_ == end_ && used_ == buffer_.size(); }
  std::string_view take(size_t n);  // the next n bytes, valid until the next call; Error if there are fewer
  uint64_t number();                // the next 8 bytes

 private:
  ScratchFile* file_;
  int64_t at_, end_;  // of what is not in the buffer
  size_t block_, used_ = 0;
  std::string buffer_;
};

}  // namespace kilm::prepare
