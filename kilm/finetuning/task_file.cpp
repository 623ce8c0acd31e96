#include "kilm/finetuning/task_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "kilm/evaluation/readers/task_json.h"
#include "tensor/base/digest.h"
#include "tensor/base/file.h"
#include "tensor/base/format.h"
#include "tensor/base/json_lines.h"

namespace kilm::finetuning {

namespace {

using base::check;
using base::DamagedInput;
using evaluation::TaskRow;

constexpr int64_t kRowsOfMark = 64;

int open_for_reading(const std::string& path) {
  check<base::UsageError>(path != "-" && (!std::filesystem::exists(path) || std::filesystem::is_regular_file(path)),
                          "{}: should be a file, whose rows can be read more than once", path);
  int descriptor;
  do descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  while (descriptor < 0 && errno == EINTR);
  check(descriptor >= 0, "{}: cannot be opened: {}", path, base::why_not_opened(path));
  return descriptor;
}

// The lines of a file from some byte on. It shares the descriptor with others, whose place in the file it leaves alone.
class LinesFrom {
 public:
  LinesFrom(int descriptor, int64_t begin) : descriptor_(descriptor), offset_(begin) {}

  // Goes to the next line. Returns false at the end of the file.
  bool next() {
    begin_ = end_;
    size_t feed, searched = 0;  // of what follows begin_
    while ((feed = buffer_.find('\n', begin_ + searched)) == std::string::npos) {
      searched = buffer_.size() - begin_;
      if (!fill()) break;
    }
    length_ = (feed == std::string::npos ? buffer_.size() : feed) - begin_;
    end_ = std::min(begin_ + length_ + 1, buffer_.size());
    return end_ > begin_;
  }
  std::string_view line() const { return std::string_view(buffer_).substr(begin_, length_); }

 private:
  bool fill() {
    constexpr size_t kAtOnce = 1 << 15;
    buffer_.erase(0, begin_);
    begin_ = 0;
    const size_t size = buffer_.size();
    buffer_.resize(size + kAtOnce);
    ssize_t n;
    do n = ::pread(descriptor_, buffer_.data() + size, kAtOnce, offset_);
    while (n < 0 && errno == EINTR);
    buffer_.resize(size + size_t(std::max<ssize_t>(n, 0)));
    check(n >= 0, "cannot be read: {}", std::strerror(errno));
    offset_ += n;
    return n > 0;
  }

  int descriptor_;
  int64_t offset_;
  std::string buffer_;
  size_t begin_ = 0, length_ = 0, end_ = 0;  // of the line, without its line feed; where the next one begins
};

}  // namespace

TaskFile::TaskFile(const std::string& path, const RowFormat& format, const std::function<void(const TaskRow&)>& each)
    : path_(path), format_(format), descriptor_(open_for_reading(path)) {
  if (format.table) table_.emplace(*format.table, format.answer, format.columns);
  base::Lines lines(path, base::JsonLimits().bytes);
  base::Sha256 digest;
  int64_t end = 0;
  const auto next = [&] {
    if (!lines.next()) return false;
    digest.update(std::as_bytes(std::span(lines.text())));
    if (lines.has_line_feed()) digest.update(std::as_bytes(std::span(std::string_view("\n"))));
    end += int64_t(lines.text().size()) + (lines.has_line_feed() ? 1 : 0);
    return true;
  };
  if (table_ && table_->has_header() && next())
    base::read_at(lines.place(), [&] { return table_->read_header(lines.text()), 0; });
  for (int64_t begin = end; next(); begin = end) {
    if (count_ % kRowsOfMark == 0) begins_.push_back(begin);
    const TaskRow row = parse(lines.text(), count_);
    base::read_at(lines.place(), [&] { return each(row), 0; });
    ++count_;
  }
  check<DamagedInput>(count_ > 0, "{}: has no row", path);
  digest_ = digest.hex();
}

TaskFile::Descriptor::~Descriptor() { ::close(number); }

std::string TaskFile::place(int64_t row) const {
  return base::format("{}: line {}", path_, row + 1 + (table_ && table_->has_header() ? 1 : 0));
}

TaskRow TaskFile::parse(std::string_view line, int64_t row) const {
  const std::string where = place(row);
  const base::Json json = table_ ? base::Json() : base::parse_json(line, where);
  const TaskRow found = base::read_at(where, [&] {
    return table_ ? table_->read_row(line) : task_row_from_json(json, format_.answer, format_.columns);
  });
  check<DamagedInput>(format_.classes == 0 || (found.label >= 0 && found.label < format_.classes),
                      "{}: the label {} should be 0 to {}, the classes of the head", where, found.label,
                      format_.classes - 1);
  return found;
}

void TaskFile::rows(int64_t first, int64_t count,
                    const std::function<void(int64_t number, TaskRow&& row)>& each) const {
  const int64_t end = std::min(first + count, count_);
  if (first >= end) return;
  const int64_t mark = first / kRowsOfMark;
  LinesFrom lines(descriptor_.number, begins_[size_t(mark)]);
  for (int64_t i = mark * kRowsOfMark; i < end; ++i) {
    const bool found = base::read_at(path_, [&] { return lines.next(); });
    check<DamagedInput>(found, "{}: is no longer there; the file was made shorter", place(i));
    if (i >= first) each(i, parse(lines.line(), i));
  }
}

TaskRow TaskFile::row(int64_t number) const {
  TaskRow found;
  rows(number, 1, [&](int64_t, TaskRow&& row) { found = std::move(row); });
  return found;
}

}  // namespace kilm::finetuning
