// The folder beside an output in which a long preparation keeps what it has until the output is there. Whoever starts
// it again goes on from the last save. One process works there at a time.
#pragma once

#include <optional>
#include <string>

#include "kilm/job/folder_lock.h"
#include "tensor/base/json.h"

namespace kilm::job {

class UnfinishedFolder {
 public:
  // Opens `path`, which is made if there is none. made_with is an object of all that decides what is kept. Throws
  // UsageError if the folder was begun with something else, is at work, or was made by somebody else.
  UnfinishedFolder(std::string path, const base::Json& made_with);
  ~UnfinishedFolder();  // removes what was never saved
  UnfinishedFolder(const UnfinishedFolder&) = delete;
  UnfinishedFolder& operator=(const UnfinishedFolder&) = delete;

  const std::string& path() const { return path_; }
  const base::Json& state() const { return state_; }  // as it was saved; null if it was not
  void save(const base::Json& state);                 // durable when it returns
  void remove();

 private:
  void open();
  void check_made_with(const base::Json& before) const;
  void write(const base::Json& state) const;

  std::string path_;
  base::Json made_with_, state_;
  std::optional<FolderLock> lock_;
};

}  // namespace kilm::job
