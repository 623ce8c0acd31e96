// Text of a file or of standard input, packed or not (byte_source.h), by lines or by bytes. Memory holds one line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "kilm/dump/byte_source.h"

namespace kilm::dump {

class TextSource {
 public:
  // "-" is standard input. Throws Error if the file cannot be opened, DamagedInput for a packed file that is not read
  // and for a git-lfs pointer.
  explicit TextSource(const std::string& path);

  // Returns what comes next without taking it: at least `wanted` bytes where there are so many.
  std::string_view peek(size_t wanted);
  // Takes the next byte; -1 at the end.
  int get() { return begin_ < buffer_.size() || fill() ? take() : -1; }
  // Takes the next line. Returns false behind the last one, which needs no line feed. Throws DamagedInput if it has
  // more than `limit` bytes.
  bool next_line(size_t limit = SIZE_MAX);
  const std::string& text() const { return text_; }  // of the line, without its line feed

  int64_t line() const { return line_; }  // which the last byte or line that was taken is, from 1
  int64_t taken() const { return taken_; }
  int64_t size() const;                                       // bytes of the whole text; 0 where that is not known
  const std::string& name() const { return source_.name(); }  // the path, or "standard input"
  std::string place() const;                                  // "FILE: line 7"

 private:
  bool fill();  // reads more behind what is there; false at the end
  int take() {
    const char c = buffer_[begin_++];
    ++taken_;
    line_ += after_feed_;
    after_feed_ = c == '\n';
    return static_cast<unsigned char>(c);
  }

  ByteSource source_;
  std::string buffer_;  // what was read; the next byte is at begin_
  size_t begin_ = 0;
  std::string text_;
  int64_t taken_ = 0, read_ = 0, line_ = 0;
  bool after_feed_ = true;
};

}  // namespace kilm::dump
