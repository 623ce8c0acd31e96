// Makes one of the system calls fail by which files are written.
#pragma once

#include <atomic>
#include <cerrno>
#include <cstdint>

#include "tensor/base/file.h"

// While it lives, the n-th call of this process (from 0) fails with `code`; with 0 it is a short write, or nothing.
class FailingCall {
 public:
  FailingCall(int64_t n, int code) : guard_(with_failures()) {
    error = code;
    left = n;
  }
  ~FailingCall() { left = -1; }

  bool reached() const { return left < 0; }

 private:
  static inline const base::FileSystem real = base::file_system();
  static inline std::atomic<int64_t> left = -1;  // calls before the one that fails
  static inline int error = 0;

  static bool now() { return left >= 0 && left-- == 0; }

  template <class... Arguments>
  static int call(int (*function)(Arguments...), Arguments... arguments) {
    if (!now() || error == 0) return function(arguments...);
    errno = error;
    return -1;
  }

  static ssize_t write(int descriptor, const void* data, size_t size) {
    if (!now()) return real.write(descriptor, data, size);
    if (error == 0) return real.write(descriptor, data, (size + 1) / 2);
    errno = error;
    return -1;
  }

  // Closes, as on Linux, even when it fails.
  static int close(int descriptor) {
    const int result = real.close(descriptor);
    if (!now() || error == 0) return result;
    errno = error;
    return -1;
  }

  static base::FileSystem with_failures() {
    return {
        .open = [](const char* path, int flags, mode_t mode) { return call(real.open, path, flags, mode); },
        .write = write,
        .allocate = [](int descriptor, off_t offset,
                       off_t size) { return now() ? error : real.allocate(descriptor, offset, size); },
        .truncate = [](int descriptor, off_t size) { return call(real.truncate, descriptor, size); },
        .sync = [](int descriptor) { return call(real.sync, descriptor); },
        .close = close,
        .rename = [](const char* from, const char* to) { return call(real.rename, from, to); },
        .exchange = [](const char* one, const char* other) { return call(real.exchange, one, other); },
        .make_directory = [](const char* path, mode_t mode) { return call(real.make_directory, path, mode); },
    };
  }

  base::FileSystemGuard guard_;
};
