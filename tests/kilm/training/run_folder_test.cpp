#include "kilm/training/run_folder.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"
#include "tests/kilm/folder.h"

using kilm::training::RunFolder;

namespace fs = std::filesystem;

TEST_CASE("a new folder of a run goes again unless it is kept, one that was there stays") {
  const Folder folder;
  const std::string path = folder / "deep/run";
  {
    const RunFolder unused(path);
    CHECK(fs::is_regular_file(path + "/lock"));
  }
  CHECK(!fs::exists(path));
  RunFolder(path).keep();
  CHECK(fs::exists(path));
  { const RunFolder again(path); }
  CHECK(fs::exists(path));
}

TEST_CASE("the folder of a run is at one process's disposal") {
  const Folder folder;
  RunFolder run(folder / "run");
  CHECK_THROWS_WITH_AS(RunFolder(folder / "run"), (folder / "run" + ": another process is training this run").c_str(),
                       base::UsageError);
  CHECK(fs::exists(folder / "run"));
}
