#include "kilm/prepare/external/scratch_file.h"

#include <doctest/doctest.h>

#include <cerrno>

#include "tensor/base/error.h"
#include "tensor/base/file.h"
#include "tests/kilm/folder.h"

using kilm::prepare::ScratchFile;

TEST_CASE("scratch file: one with a name goes on from where it was durable") {
  const Folder folder;
  {
    ScratchFile file(folder / "file", 0);
    file.add("one");
    file.sync();
    file.add("and more that nobody asked to keep");
    char bytes[8];
    CHECK(file.read(0, bytes) == 8);
    CHECK(std::string_view(bytes, 8) == "oneand m");
  }
  {
    ScratchFile file(folder / "file", 3);
    CHECK(file.size() == 3);
    file.add("two");
    file.sync();
  }
  CHECK(base::read_file(folder / "file") == "onetwo");
  CHECK_THROWS_WITH_AS(ScratchFile(folder / "file", 7), (folder / "file: has 6 bytes of 7").c_str(),
                       base::DamagedInput);
  CHECK_THROWS_AS(ScratchFile("/nowhere/file", 0), base::Error);
}

TEST_CASE("scratch reader: any part, in pieces of any size") {
  const Folder folder;
  ScratchFile file(folder.path);
  std::string all;
  for (int i = 0; i < 1000; ++i) all += std::to_string(i);
  file.add(all);
  kilm::prepare::ScratchReader reader(file, 10, 2800, /*buffer=*/7);
  std::string read;
  for (size_t n = 0; !reader.at_end(); n = (n + 3) % 40) read += reader.take(std::min(n, 2790 - read.size()));
  CHECK(read == all.substr(10, 2790));
  CHECK_THROWS_AS(reader.take(1), base::Error);
}

TEST_CASE("scratch file: a disk that is full when it must be durable") {
  const Folder folder;
  ScratchFile file(folder / "file", 0);
  base::FileSystem full = base::file_system();
  full.sync = [](int) { return errno = ENOSPC, -1; };
  const base::FileSystemGuard guard(full);
  CHECK_THROWS_AS(file.sync(), base::OutOfMemory);
}
