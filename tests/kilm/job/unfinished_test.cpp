#include "kilm/job/unfinished.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"
#include "tests/kilm/folder.h"

using base::Json;
using base::UsageError;
using kilm::job::UnfinishedFolder;

namespace fs = std::filesystem;

TEST_CASE("unfinished folder: what was saved is there the next time, and goes with remove()") {
  const Folder folder;
  const std::string path = folder / "out.partial";
  const Json how = Json::object({{"seed", 1}, {"dumps", Json::array({"a"})}});
  {
    UnfinishedFolder first(path, how);
    CHECK(first.state().is_null());
    first.save(Json::object({{"pages", 7}}));
    folder.write("out.partial/data.tmp-1-2", "of a process that was killed");
    folder.write("out.partial/pages", "of it, too");
  }
  UnfinishedFolder second(path, how);
  CHECK(second.state().at("pages").as_int() == 7);
  CHECK(!fs::exists(path + "/data.tmp-1-2"));
  CHECK(fs::exists(path + "/pages"));
  second.remove();
  CHECK(!fs::exists(path));
}

TEST_CASE("unfinished folder: nothing stays where nothing was saved") {
  const Folder folder;
  { const UnfinishedFolder unused(folder / "out.partial", Json::object()); }
  CHECK(fs::is_empty(folder.path));
  CHECK_THROWS_WITH_AS(UnfinishedFolder("/nowhere/x.partial", Json::object()),
                       "/nowhere/x.partial: cannot be made: No such file or directory", base::Error);
}

TEST_CASE("unfinished folder: begun in another way, at work or of somebody else, it is refused and stays as it is") {
  const Folder folder;
  const std::string path = folder / "out.partial";
  {
    UnfinishedFolder first(path, Json::object({{"lead", true}, {"seed", 1}}));
    CHECK_THROWS_WITH_AS(UnfinishedFolder(path, Json::object({{"lead", true}, {"seed", 1}})),
                         (path + ": another process is at work there").c_str(), UsageError);
    first.save(Json::object());
  }
  CHECK_THROWS_WITH_AS(UnfinishedFolder(path, Json::object({{"lead", true}, {"seed", 2}})),
                       (path + ": was begun with seed 1, now it is 2; finish it as it was begun, or delete it").c_str(),
                       UsageError);
  CHECK(!UnfinishedFolder(path, Json::object({{"lead", true}, {"seed", 1}})).state().is_null());
  fs::create_directory(folder / "mine.partial");
  folder.write("mine.partial/state.json.tmp-1-2", "of a process that was killed at once");
  { const UnfinishedFolder again(folder / "mine.partial", Json::object()); }
  fs::create_directory(folder / "mine.partial");
  folder.write("mine.partial/thesis.txt", "...");
  CHECK_THROWS_WITH_AS(UnfinishedFolder(folder / "mine.partial", Json::object()),
                       doctest::Contains("is there already, and no unfinished preparation"), UsageError);
  CHECK(fs::exists(folder / "mine.partial/thesis.txt"));
}
