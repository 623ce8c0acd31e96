// The lines of a file or of standard input, one at a time: whatever the file has, memory holds one.
#pragma once

#include <cstdint>
#include <string>

namespace base {

class Lines {
 public:
  // "-" is standard input. Throws Error if the file cannot be opened, and DamagedInput from next() if a line has more
  // than `limit` bytes or if it is a git-lfs pointer.
  explicit Lines(const std::string& path, size_t limit = SIZE_MAX);
  ~Lines();
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  // Goes to the next line, to the first at the first call. Returns false behind the last one, which needs no line feed.
  bool next();

  const std::string& text() const { return text_; }  // without its line feed
  bool has_line_feed() const { return has_line_feed_; }
  int64_t number() const { return number_; }             // from 1
  const std::string& source() const { return source_; }  // the path, or "standard input"
  std::string place() const;                             // "FILE: line 7"

 private:
  bool fill();

  std::string source_;
  size_t limit_;
  int descriptor_;
  std::string buffer_;  // what was read; the next line begins at begin_
  size_t begin_ = 0;
  std::string text_;
  bool has_line_feed_ = false;
  int64_t number_ = 0;
};

}  // namespace base
