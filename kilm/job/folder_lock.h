// Keeps a folder to one process at a time; the system lets go of the lock however the process ends.
#pragma once

#include <string>

namespace kilm::job {

class FolderLock {
 public:
  // Locks the folder at `path` itself, or the file there, which is made if there is none. Throws UsageError with the
  // text `taken` if somebody else holds the lock, Error if the path cannot be opened. A file system without locks
  // cannot tell, and is trusted.
  FolderLock(const std::string& path, const std::string& taken);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace kilm::job
