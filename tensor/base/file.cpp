#include "tensor/base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "tensor/base/format.h"
#include "tensor/base/git_lfs.h"

namespace base {

namespace {

FileSystem calls = {
    .open = [](const char* path, int flags, mode_t mode) { return ::open(path, flags, mode); },
    .write = ::write,
    .allocate = ::posix_fallocate,
    .truncate = ::ftruncate,
    .sync = ::fsync,
    .close = ::close,
    .rename = std::rename,
    .exchange = [](const char* one,
                   const char* other) { return ::renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE); },
    .make_directory = ::mkdir,
};

constexpr size_t kBeginning = 64;  // bytes that tell a git-lfs pointer from the file

[[noreturn]] void fail_io(const std::string& path, const char* what, int error) {
  const std::string message = format("{}: {}: {}", path, what, std::strerror(error));
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) throw OutOfMemory(message);
  throw Error(message);
}

// Repeats an interrupted call; throws when it fails.
template <class Call>
auto checked(const std::string& path, const char* what, Call call) {
  for (;;) {
    const auto result = call();
    if (result >= 0) return result;
    if (errno != EINTR) fail_io(path, what, errno);
  }
}

class Descriptor {
 public:
  explicit Descriptor(const std::string& path, int flags = 0) {
    do number_ = calls.open(path.c_str(), O_RDONLY | O_CLOEXEC | flags, 0);
    while (number_ < 0 && errno == EINTR);
    if (number_ >= 0) return;
    const int error = errno;
    const std::string link = broken_link(path);
    check(link.empty(), "{}: cannot be opened: {}", path, link);
    fail_io(path, "cannot be opened", error);
  }
  ~Descriptor() { calls.close(number_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  operator int() const { return number_; }

 private:
  int number_;
};

std::string parent_of(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

// Tries temporary names beside `path` until `create` accepts one, and returns it. A name can be taken by the leftover
// of a killed process that had the same number.
template <class Create>
std::string create_temporary(const std::string& path, Create create) {
  static std::atomic<int> counter = 0;
  for (;;) {
    const std::string name = format("{}.tmp-{}-{}", path, getpid(), counter++);
    if (create(name.c_str()) >= 0) return name;
    if (errno != EEXIST && errno != EINTR) fail_io(path, "cannot be created", errno);
  }
}

}  // namespace

MappedFile::MappedFile(const std::string& path) : path_(path) {
  const Descriptor descriptor(path, O_NONBLOCK);  // a pipe that nobody writes to would never be open
  struct stat status;
  if (fstat(descriptor, &status) < 0) fail_io(path, "cannot be examined", errno);
  check(S_ISREG(status.st_mode), "{}: cannot be mapped: not a regular file", path);
  if (status.st_size == 0) return;
  char beginning[kBeginning];
  const ssize_t n = pread(descriptor, beginning, sizeof beginning, 0);
  refuse_lfs_pointer(path, {beginning, size_t(std::max<ssize_t>(n, 0))});
  void* data = mmap(nullptr, size_t(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (data == MAP_FAILED) fail_io(path, "cannot be mapped", errno);
  bytes_ = {static_cast<const std::byte*>(data), size_t(status.st_size)};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

std::string read_file(const std::string& path, size_t limit) {
  const Descriptor descriptor(path);
  struct stat status;
  if (fstat(descriptor, &status) < 0) fail_io(path, "cannot be examined", errno);
  const auto check_size = [&](size_t size) {
    check<DamagedInput>(size <= limit, "{}: has more than {} bytes", path, limit);
  };
  check_size(size_t(status.st_size));
  std::string text(size_t(status.st_size) + 1, '\0');  // one more, so that the end shows without growing
  size_t size = 0;
  for (;;) {
    if (size == text.size()) text.resize(2 * text.size());
    const ssize_t n =
        checked(path, "cannot be read", [&] { return ::read(descriptor, text.data() + size, text.size() - size); });
    if (n == 0) break;
    size += size_t(n);
    check_size(size);
  }
  text.resize(size);
  refuse_lfs_pointer(path, text);
  return text;
}

AtomicFile::AtomicFile(std::string path, size_t reserve) : path_(std::move(path)), reserved_(reserve) {
  buffer_.reserve(64 << 10);
  temporary_ = create_temporary(path_, [&](const char* name) {
    return descriptor_ = calls.open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  });
  if (reserve == 0) return;
  int error;
  do error = calls.allocate(descriptor_, 0, off_t(reserve));
  while (error == EINTR);
  if (error != 0 && error != EOPNOTSUPP && error != EINVAL) {  // some file systems cannot reserve
    calls.close(descriptor_);
    unlink(temporary_.c_str());
    fail_io(path_, "disk space cannot be reserved", error);
  }
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) calls.close(descriptor_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  sha256_.update(bytes);
  xxh3_.update(bytes);
  size_ += bytes.size();
  if (buffer_.size() + bytes.size() > buffer_.capacity()) flush();
  if (bytes.size() <= buffer_.capacity())
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  else
    write_out(bytes);
}

void AtomicFile::flush() {
  write_out(buffer_);
  buffer_.clear();
}

void AtomicFile::write_out(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n =
        checked(path_, "cannot be written", [&] { return calls.write(descriptor_, bytes.data(), bytes.size()); });
    bytes = bytes.subspan(size_t(n));
  }
}

Digests AtomicFile::commit() {
  flush();
  if (size_ < reserved_)
    checked(path_, "cannot be cut to size", [&] { return calls.truncate(descriptor_, off_t(size_)); });
  checked(path_, "cannot be made durable", [&] { return calls.sync(descriptor_); });
  const int descriptor = std::exchange(descriptor_, -1);
  // After EINTR the descriptor is closed already, and the bytes are on the disk.
  if (calls.close(descriptor) < 0 && errno != EINTR) fail_io(path_, "cannot be closed", errno);
  checked(path_, "cannot be renamed", [&] { return calls.rename(temporary_.c_str(), path_.c_str()); });
  temporary_.clear();
  sync_directory(parent_of(path_));
  return {sha256_.hex(), xxh3_.hex()};
}

AtomicDirectory::AtomicDirectory(std::string path) : path_(std::move(path)) {
  while (path_.size() > 1 && path_.back() == '/') path_.pop_back();
  temporary_ = create_temporary(path_, [](const char* name) { return calls.make_directory(name, 0777); });
}

AtomicDirectory::~AtomicDirectory() {
  std::error_code ignored;
  if (!temporary_.empty()) std::filesystem::remove_all(temporary_, ignored);
}

void AtomicDirectory::make_durable() const {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(temporary_)) {
    const std::string path = entry.path().string();
    if (entry.is_directory())
      sync_directory(path);
    else
      checked(path, "cannot be made durable", [&] { return calls.sync(Descriptor(path)); });
  }
  sync_directory(temporary_);
}

void AtomicDirectory::commit() {
  make_durable();
  checked(path_, "cannot be renamed", [&] { return calls.rename(temporary_.c_str(), path_.c_str()); });
  temporary_.clear();
  sync_directory(parent_of(path_));
}

void AtomicDirectory::replace() {
  make_durable();
  const bool exchanged = checked(path_, "cannot be replaced", [&] {
    const int result = calls.exchange(temporary_.c_str(), path_.c_str());
    return result < 0 ? (errno == EINVAL || errno == ENOSYS ? 0 : -1) : 1;
  });
  if (!exchanged) {
    std::filesystem::remove_all(path_);
    checked(path_, "cannot be renamed", [&] { return calls.rename(temporary_.c_str(), path_.c_str()); });
  }
  sync_directory(parent_of(path_));
  std::filesystem::remove_all(temporary_);  // now the old folder, if anything
  temporary_.clear();
}

Digests write_file_atomically(const std::string& path, std::span<const std::byte> bytes) {
  AtomicFile file(path, bytes.size());
  file.write(bytes);
  return file.commit();
}

Digests write_file_atomically(const std::string& path, std::string_view text) {
  return write_file_atomically(path, std::as_bytes(std::span(text)));
}

std::string broken_link(const std::string& path) {
  std::error_code no_link, ignored;
  const std::filesystem::path target = std::filesystem::read_symlink(path, no_link);
  if (no_link || std::filesystem::exists(path, ignored)) return "";
  return format("it is a link to {}, which {}", target.string(),
                ignored == std::errc::too_many_symbolic_link_levels ? "leads back to itself" : "is not there");
}

std::string why_not_opened(const std::string& path) {
  const int error = errno;
  const std::string link = broken_link(path);
  return link.empty() ? std::strerror(error) : link;
}

std::string temporary_folder() {
  const char* const given = std::getenv("TMPDIR");
  const std::string folder = given != nullptr && *given != 0 ? given : "/tmp";
  std::error_code ignored;
  const bool usable = std::filesystem::is_directory(folder, ignored) && access(folder.c_str(), W_OK | X_OK) == 0;
  check<UsageError>(usable, "TMPDIR: {} should be a folder that can be written to", folder);
  return folder;
}

void make_directory(const std::string& path) {
  checked(path, "cannot be created", [&] { return calls.make_directory(path.c_str(), 0777); });
}

void rename(const std::string& from, const std::string& to) {
  checked(from, "cannot be renamed", [&] { return calls.rename(from.c_str(), to.c_str()); });
}

void sync_directory(const std::string& path) {
  const Descriptor descriptor(path);
  // Some network file systems refuse to sync a folder; their renames are durable by themselves.
  checked(path, "cannot be made durable", [&] {
    const int result = calls.sync(descriptor);
    return result < 0 && errno == EINVAL ? 0 : result;
  });
}

void remove_unfinished(const std::string& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().filename().string().find(".tmp-") != std::string::npos) std::filesystem::remove_all(entry.path());
}

const FileSystem& file_system() { return calls; }

FileSystemGuard::FileSystemGuard(const FileSystem& replacement) : scope_(calls, replacement) {}

}  // namespace base
