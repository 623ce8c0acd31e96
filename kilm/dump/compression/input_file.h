// The bytes of a file or of standard input as they are, through one buffer.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kilm::dump {

class InputFile {
 public:
  explicit InputFile(const std::string& path);  // "-" is standard input; Error if it cannot be opened
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  // Reads until at least `wanted` bytes, at most 64 KiB, are available or the file ends; whether that many are.
  bool require(size_t wanted);
  std::string_view available() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void skip(size_t n);

  // Throws DamagedInput naming file, offset and reason.
  [[noreturn]] void damaged(std::string_view reason) const { damaged(offset_, reason); }
  [[noreturn]] void damaged(int64_t offset, std::string_view reason) const;

  // Keeps what is wrong and does no harm, with file and offset.
  void warn(int64_t offset, std::string_view reason);
  const std::string& warning() const { return warning_; }  // empty: none

  const std::string& name() const { return name_; }  // the path, or "standard input"
  int64_t offset() const { return offset_; }         // where available() begins in the file
  int64_t size() const { return size_; }             // of the file; 0 if it has none

 private:
  std::string name_, warning_;
  std::vector<char> buffer_;
  size_t begin_ = 0, end_ = 0;  // of what is in the buffer
  int64_t offset_ = 0, size_ = 0;
  int descriptor_ = -1;
};

}  // namespace kilm::dump
