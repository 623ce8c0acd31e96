#include "kilm/dump/text_source.h"

#include <algorithm>

#include "tensor/base/format.h"
#include "tensor/base/git_lfs.h"

namespace kilm::dump {

namespace {

constexpr size_t kAtOnce = 1 << 16;

}  // namespace

TextSource::TextSource(const std::string& path) : source_(path) { base::refuse_lfs_pointer(name(), peek(64)); }

bool TextSource::fill() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  const size_t before = buffer_.size();
  buffer_.resize(before + kAtOnce);
  const size_t read = source_.read(std::span(buffer_).subspan(before));
  buffer_.resize(before + read);
  read_ += int64_t(read);
  return read > 0;
}

std::string_view TextSource::peek(size_t wanted) {
  while (buffer_.size() - begin_ < wanted && fill()) continue;
  return std::string_view(buffer_).substr(begin_);
}

bool TextSource::next_line(size_t limit) {
  text_.clear();
  line_ += after_feed_;
  after_feed_ = false;
  while (!after_feed_ && (begin_ < buffer_.size() || fill())) {
    const size_t feed = buffer_.find('\n', begin_);
    after_feed_ = feed != std::string::npos;
    const size_t end = after_feed_ ? feed : buffer_.size();
    base::check<base::DamagedInput>(end - begin_ <= limit - text_.size(), "{}: has more than {} bytes", place(), limit);
    text_.append(buffer_, begin_, end - begin_);
    taken_ += int64_t(end - begin_) + after_feed_;
    begin_ = end + after_feed_;
  }
  return after_feed_ || !text_.empty();
}

// A file that is not packed gives as many bytes as are read of it.
int64_t TextSource::size() const { return source_.consumed() == read_ ? source_.size() : 0; }

std::string TextSource::place() const { return base::format("{}: line {}", name(), std::max<int64_t>(line_, 1)); }

}  // namespace kilm::dump
