#include "kilm/job/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "tensor/base/format.h"

namespace kilm::job {

FolderLock::FolderLock(const std::string& path, const std::string& taken) {
  const int flags = std::filesystem::is_directory(path) ? O_RDONLY | O_DIRECTORY : O_RDWR | O_CREAT;
  descriptor_ = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
  base::check(descriptor_ >= 0, "{}: cannot be opened: {}", path, std::strerror(errno));
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  ::close(descriptor_);
  throw base::UsageError(taken);
}

FolderLock::~FolderLock() { ::close(descriptor_); }

}  // namespace kilm::job
