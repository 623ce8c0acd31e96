// Lines that a command writes as they come.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "tensor/base/file.h"

namespace tools {

// Tells whether lines go into a file, which may be there already; a pipe or a device takes them as they come.
bool is_file(const std::string& path);

// Lines to standard output ("-"), to a file that appears when it is whole, or to a pipe or device as it is.
class LineOutput {
 public:
  explicit LineOutput(const std::string& path);
  ~LineOutput();  // without commit(), a file is left as it was
  LineOutput(const LineOutput&) = delete;
  LineOutput& operator=(const LineOutput&) = delete;

  void write(std::string_view line);  // with its line feed
  bool is_empty_file() const { return file_ && file_->size() == 0; }
  void commit();

 private:
  std::string path_;
  std::FILE* stream_ = nullptr;
  std::unique_ptr<base::AtomicFile> file_;
};

}  // namespace tools
