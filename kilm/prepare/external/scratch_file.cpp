#include "kilm/prepare/external/scratch_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "tensor/base/file.h"
#include "tensor/base/format.h"

namespace kilm::prepare {

namespace {

constexpr size_t kPending = size_t(1) << 20;

}  // namespace

ScratchFile::ScratchFile(const std::string& folder) : place_(folder) {
  std::string path = folder + "/spool.tmp-XXXXXX";
  descriptor_ = mkstemp(path.data());
  if (descriptor_ < 0) fail("no temporary file can be made here");
  unlink(path.c_str());
}

ScratchFile::ScratchFile(const std::string& path, int64_t bytes) : place_(path), size_(bytes) {
  const base::FileSystem& calls = base::file_system();
  descriptor_ = calls.open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail("cannot be opened");
  const int64_t there = lseek(descriptor_, 0, SEEK_END);
  const bool placed = there >= bytes && calls.truncate(descriptor_, bytes) == 0 && lseek(descriptor_, 0, SEEK_END) >= 0;
  if (placed) return;
  const int error = errno;
  close(descriptor_);
  errno = error;
  base::check<base::DamagedInput>(there >= bytes, "{}: has {} bytes of {}", path, there, bytes);
  fail("cannot be cut to its length");
}

ScratchFile::~ScratchFile() { close(descriptor_); }

void ScratchFile::fail(const char* what) const {
  const int error = errno;
  const std::string message = base::format("{}: {}: {}", place_, what, std::strerror(error));
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) throw base::OutOfMemory(message);
  throw base::Error(message);
}

void ScratchFile::add(std::string_view bytes) {
  pending_ += bytes;
  size_ += int64_t(bytes.size());
  if (pending_.size() >= kPending) flush();
}

void ScratchFile::flush() {
  for (std::string_view rest = pending_; !rest.empty();) {
    const ssize_t written = base::file_system().write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("the temporary file cannot be written");
    rest.remove_prefix(size_t(written));
  }
  pending_.clear();
}

void ScratchFile::sync() {
  flush();
  if (base::file_system().sync(descriptor_) != 0) fail("the temporary file cannot be made durable");
}

size_t ScratchFile::read(int64_t at, std::span<char> out) {
  flush();
  size_t filled = 0;
  while (filled < out.size()) {
    const ssize_t got = pread(descriptor_, out.data() + filled, out.size() - filled, at + int64_t(filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("the temporary file cannot be read");
    if (got == 0) break;
    filled += size_t(got);
  }
  return filled;
}

ScratchReader::ScratchReader(ScratchFile& file, int64_t begin, int64_t end, size_t buffer)
    : file_(&file), at_(begin), end_(end), block_(buffer) {}

std::string_view ScratchReader::take(size_t n) {
  if (buffer_.size() - used_ < n) {
    buffer_.erase(0, used_);
    used_ = 0;
    const size_t before = buffer_.size();
    const size_t more = size_t(std::min<int64_t>(end_ - at_, int64_t(std::max(block_, n) - before)));
    buffer_.resize(before + more);
    const size_t got = file_->read(at_, std::span(buffer_).subspan(before));
    base::check(got == more && buffer_.size() >= n, "{}: the temporary file ends too early", file_->place());
    at_ += int64_t(more);
  }
  used_ += n;
  return std::string_view(buffer_).substr(used_ - n, n);
}

uint64_t ScratchReader::number() {
  uint64_t value;
  std::memcpy(&value, take(sizeof(value)).data(), sizeof(value));
  return value;
}

}  // namespace kilm::prepare
