// Files that are whole or absent. Reading maps. Writing goes to a temporary name in the same folder, reaches the disk,
// and only then takes the name. So whoever opens the name sees the old bytes or all of the new ones, after a crash too.
// Errors name path and reason; a full disk, and a file that may not become so large, is OutOfMemory, all else Error.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/base/digest.h"
#include "tensor/base/scoped.h"

namespace base {

// A file mapped read-only. It must not be made shorter while it is mapped. What is no regular file, a pipe for example,
// is refused at once with Error. What git-lfs leaves in the place of a file is DamagedInput.
class MappedFile {
 public:
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  const std::string& path() const { return path_; }
  size_t size() const { return bytes_.size(); }
  std::span<const std::byte> bytes() const { return bytes_; }
  std::string_view text() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }

 private:
  std::string path_;
  std::span<const std::byte> bytes_;
};

// Reads a file or a pipe. Throws DamagedInput if there is more than `limit` bytes of it, or if it is a git-lfs pointer.
std::string read_file(const std::string& path, size_t limit = SIZE_MAX);

// Writes `<path>.tmp-<pid>-<n>`; commit() makes it durable and renames it to `path`. Destroyed without commit, it
// leaves nothing behind.
class AtomicFile {
 public:
  // Claims `reserve` bytes of disk space at once, so that a full disk is noticed before the work is done.
  explicit AtomicFile(std::string path, size_t reserve = 0);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
  size_t size() const { return size_; }  // bytes written so far
  Digests commit();                      // of all bytes

 private:
  void flush();
  void write_out(std::span<const std::byte> bytes);

  std::string path_;
  std::string temporary_;  // empty once renamed
  int descriptor_ = -1;
  size_t size_ = 0;
  size_t reserved_ = 0;
  std::vector<std::byte> buffer_;  // small writes meet here
  Sha256 sha256_;
  Xxh3 xxh3_;
};

// The same for a folder. The caller writes below `<path>.tmp-<pid>-<n>/` with whatever it likes; commit() makes every
// file and folder in it durable and renames it. `path` must not exist by then. replace() puts the new folder in the
// place of the one that is there. Where the file system can exchange two names, one of both folders always has the
// name.
class AtomicDirectory {
 public:
  explicit AtomicDirectory(std::string path);
  ~AtomicDirectory();
  AtomicDirectory(const AtomicDirectory&) = delete;
  AtomicDirectory& operator=(const AtomicDirectory&) = delete;

  const std::string& temporary() const { return temporary_; }  // without a slash at the end
  void commit();
  void replace();

 private:
  void make_durable() const;

  std::string path_;
  std::string temporary_;  // empty once renamed
};

Digests write_file_atomically(const std::string& path, std::span<const std::byte> bytes);
Digests write_file_atomically(const std::string& path, std::string_view text);

// Returns "it is a link to X, which is not there" for such a path, else nothing.
std::string broken_link(const std::string& path);

// Says why open() refused a path: that, or what errno says.
std::string why_not_opened(const std::string& path);

// Returns where temporary files go: TMPDIR, else /tmp. Throws UsageError if TMPDIR is no folder that can be written to.
std::string temporary_folder();

void make_directory(const std::string& path);
void rename(const std::string& from, const std::string& to);
void sync_directory(const std::string& path);  // makes durable what was renamed in it

// Removes what killed processes left in `folder`: every `*.tmp-*`. Nobody may be writing there.
void remove_unfinished(const std::string& folder);

// The system calls by which this file writes, so that a test can make the n-th one fail. Each is the POSIX call.
struct FileSystem {
  int (*open)(const char* path, int flags, mode_t mode);
  ssize_t (*write)(int descriptor, const void* data, size_t size);
  int (*allocate)(int descriptor, off_t offset, off_t size);  // posix_fallocate: returns the error
  int (*truncate)(int descriptor, off_t size);
  int (*sync)(int descriptor);
  int (*close)(int descriptor);
  int (*rename)(const char* from, const char* to);
  int (*exchange)(const char* one, const char* other);  // renameat2 with RENAME_EXCHANGE
  int (*make_directory)(const char* path, mode_t mode);
};

const FileSystem& file_system();

// Replaces the calls of the whole process while it lives.
class FileSystemGuard {
 public:
  explicit FileSystemGuard(const FileSystem& calls);

 private:
  Scoped<FileSystem> scope_;
};

}  // namespace base
