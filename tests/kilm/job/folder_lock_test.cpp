#include "kilm/job/folder_lock.h"

#include <doctest/doctest.h>

#include <optional>

#include "tensor/base/error.h"
#include "tests/kilm/folder.h"

using kilm::job::FolderLock;

namespace fs = std::filesystem;

TEST_CASE("a folder lock: one holds it at a time, be it a file or the folder itself") {
  const Folder folder;
  for (const std::string& path : {folder.path.string(), folder / "lock"}) {
    std::optional<FolderLock> first(std::in_place, path, "");
    CHECK_THROWS_WITH_AS(FolderLock(path, "a run: busy"), "a run: busy", base::UsageError);
    first.reset();
    const FolderLock second(path, "a run: busy");
  }
  CHECK(fs::is_regular_file(folder / "lock"));
  CHECK_THROWS_WITH_AS(FolderLock(folder / "none/lock", ""),
                       (folder / "none/lock: cannot be opened: No such file or directory").c_str(), base::Error);
}
