// The folder of a run, kept to the process that trains it.
#pragma once

#include <string>

#include "kilm/job/folder_lock.h"

namespace kilm::training {

class RunFolder {
 public:
  // Makes the folder if there is none, and locks it by the file `lock` in it. Throws UsageError if another process is
  // training there.
  explicit RunFolder(const std::string& path);
  ~RunFolder();  // a folder that is new goes again, unless it was kept
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  void keep() { keep_ = true; }

 private:
  std::string path_;
  bool keep_;
  job::FolderLock lock_;
};

}  // namespace kilm::training
