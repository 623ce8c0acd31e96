#include "kilm/dump/compression/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "tensor/base/file.h"
#include "tensor/base/format.h"

namespace kilm::dump {

using base::check;

InputFile::InputFile(const std::string& path) : name_(path == "-" ? "standard input" : path), buffer_(256 << 10) {
  descriptor_ = path == "-" ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  check(descriptor_ >= 0, "{}: cannot be opened: {}", name_, base::why_not_opened(path));
  struct stat status;
  if (fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode)) size_ = status.st_size;
}

InputFile::~InputFile() { close(descriptor_); }

bool InputFile::require(size_t wanted) {
  if (end_ - begin_ >= wanted) return true;
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= std::exchange(begin_, 0);
  while (end_ < wanted) {
    const ssize_t n = ::read(descriptor_, buffer_.data() + end_, buffer_.size() - end_);
    if (n < 0 && errno == EINTR) continue;
    check(n >= 0, "{}: cannot be read: {}", name_, std::strerror(errno));
    if (n == 0) return false;
    end_ += size_t(n);
  }
  return true;
}

void InputFile::skip(size_t n) {
  begin_ += n;
  offset_ += int64_t(n);
}

void InputFile::damaged(int64_t offset, std::string_view reason) const {
  throw base::DamagedInput(base::format("{}: byte {}: {}", name_, offset, reason));
}

void InputFile::warn(int64_t offset, std::string_view reason) {
  warning_ = base::format("{}: byte {}: {}", name_, offset, reason);
}

}  // namespace kilm::dump
