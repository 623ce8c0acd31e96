#include "tensor/base/lines.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tensor/base/file.h"
#include "tensor/base/format.h"
#include "tensor/base/git_lfs.h"

namespace base {

namespace {

constexpr size_t kAtOnce = 1 << 16;

int open_for_reading(const std::string& path) {
  if (path == "-") return STDIN_FILENO;
  int descriptor;
  do descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  while (descriptor < 0 && errno == EINTR);
  check(descriptor >= 0, "{}: cannot be opened: {}", path, why_not_opened(path));
  return descriptor;
}

}  // namespace

Lines::Lines(const std::string& path, size_t limit)
    : source_(path == "-" ? "standard input" : path), limit_(limit), descriptor_(open_for_reading(path)) {}

Lines::~Lines() {
  if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
}

std::string Lines::place() const { return format("{}: line {}", source_, number_); }

// Reads more, as much as there is. Returns false at the end.
bool Lines::fill() {
  buffer_.resize(kAtOnce);
  begin_ = 0;
  ssize_t n;
  do n = ::read(descriptor_, buffer_.data(), buffer_.size());
  while (n < 0 && errno == EINTR);
  check(n >= 0, "{}: cannot be read: {}", source_, std::strerror(errno));
  buffer_.resize(size_t(n));
  return n > 0;
}

bool Lines::next() {
  text_.clear();
  has_line_feed_ = false;
  ++number_;
  while (!has_line_feed_ && (begin_ < buffer_.size() || fill())) {
    const size_t feed = buffer_.find('\n', begin_);
    has_line_feed_ = feed != std::string::npos;
    const size_t end = has_line_feed_ ? feed : buffer_.size();
    check<DamagedInput>(end - begin_ <= limit_ - text_.size(), "{}: has more than {} bytes", place(), limit_);
    text_.append(buffer_, begin_, end - begin_);
    begin_ = end + (has_line_feed_ ? 1 : 0);
  }
  if (number_ == 1) refuse_lfs_pointer(source_, text_);
  return has_line_feed_ || !text_.empty();
}

}  // namespace base
