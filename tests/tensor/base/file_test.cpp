#include "tensor/base/file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "tensor/base/error.h"

namespace fs = std::filesystem;
using base::AtomicDirectory;
using base::AtomicFile;
using base::Error;
using base::FileSystem;
using base::FileSystemGuard;
using base::MappedFile;
using base::OutOfMemory;
using base::read_file;
using base::write_file_atomically;

namespace {

// An empty folder of its own for each test.
struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "kilm-file-XXXXXX").string();
    path = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path); }
  std::string operator/(const char* name) const { return path + "/" + name; }
  size_t entries() const { return size_t(std::distance(fs::directory_iterator(path), fs::directory_iterator())); }
  std::string path;
};

// Counts the calls and lets number `failing` end with `error`; error 0 stands for a write of one byte.
struct Faults {
  static inline FileSystem real;
  static inline int call, failing, error;

  static bool fails() { return ++call == failing && (errno = error, true); }

  static FileSystem calls() {
    return {
        .open = [](const char* p, int f, mode_t m) { return fails() && error ? -1 : real.open(p, f, m); },
        .write = [](int d, const void* b, size_t n) -> ssize_t {
          if (fails()) {
            if (error) return -1;
            n = 1;
          }
          return real.write(d, b, n);
        },
        .allocate = [](int d, off_t at, off_t n) { return fails() && error ? error : real.allocate(d, at, n); },
        .truncate = [](int d, off_t n) { return fails() && error ? -1 : real.truncate(d, n); },
        .sync = [](int d) { return fails() && error ? -1 : real.sync(d); },
        .close =
            [](int d) {
              const bool failed = fails() && error;
              const int result = real.close(d);
              if (failed) errno = error;
              return failed ? -1 : result;
            },
        .rename = [](const char* a, const char* b) { return fails() && error ? -1 : real.rename(a, b); },
        .exchange = [](const char* a, const char* b) { return fails() && error ? -1 : real.exchange(a, b); },
        .make_directory = [](const char* p, mode_t m) { return fails() && error ? -1 : real.make_directory(p, m); },
    };
  }
};

// Runs `action` once for each n, the n-th call failing with `error`, until it makes fewer than n calls. `after` gets
// true when the action threw.
template <class Prepare, class Action, class After>
int for_each_fault(int error, Prepare prepare, Action action, After after) {
  Faults::real = base::file_system();
  Faults::error = error;
  for (int n = 1;; ++n) {
    prepare();
    Faults::call = 0;
    Faults::failing = n;
    bool threw = false;
    {
      FileSystemGuard guard(Faults::calls());
      try {
        action();
      } catch (const Error& thrown) {
        threw = true;
        CHECK((dynamic_cast<const OutOfMemory*>(&thrown) != nullptr) == (error == ENOSPC));
        CHECK(std::string(thrown.what()).find(std::strerror(error)) != std::string::npos);
      }
    }
    INFO("call ", n, " fails with error ", error);
    after(threw);
    if (Faults::call < n) return n - 1;
  }
}

}  // namespace

TEST_CASE("file: what is written atomically is read and mapped the same") {
  const Folder folder;
  const std::string path = folder / "a";
  std::string text;
  for (int i = 0; i < 300000; ++i) text += char(i * 7);
  AtomicFile file(path, 1000000);
  for (size_t at = 0, n = 1; at < text.size(); at += n, n = n * 3 + 1) file.write(std::string_view(text).substr(at, n));
  CHECK(file.size() == text.size());
  CHECK(!fs::exists(path));
  const base::Digests digests = file.commit();
  CHECK(digests.sha256 == base::sha256_hex(std::as_bytes(std::span(text))));
  CHECK(digests.xxh3_128 == base::xxh3_128_hex(std::as_bytes(std::span(text))));
  CHECK(folder.entries() == 1);
  CHECK(read_file(path) == text);  // the reserve beyond the text is gone
  CHECK(MappedFile(path).text() == text);

  write_file_atomically(path, "");
  CHECK(read_file(path).empty());
  CHECK(MappedFile(path).size() == 0);
}

TEST_CASE("file: no more is read than is wanted") {
  const Folder folder;
  write_file_atomically(folder / "a", "12345");
  CHECK(read_file(folder / "a", 5) == "12345");
  CHECK_THROWS_WITH_AS(read_file(folder / "a", 4), (folder / "a" + ": has more than 4 bytes").c_str(),
                       base::DamagedInput);
  CHECK_THROWS_WITH_AS(read_file("/dev/zero", 1 << 20), "/dev/zero: has more than 1048576 bytes", base::DamagedInput);
}

TEST_CASE("file: errors name path and reason") {
  const Folder folder;
  const std::string absent = folder / "absent/file";
  CHECK_THROWS_WITH_AS(MappedFile{absent}, (absent + ": cannot be opened: No such file or directory").c_str(), Error);
  CHECK_THROWS_WITH_AS(read_file(absent), (absent + ": cannot be opened: No such file or directory").c_str(), Error);
  CHECK_THROWS_WITH_AS(read_file(folder.path), (folder.path + ": cannot be read: Is a directory").c_str(), Error);
  CHECK_THROWS_WITH_AS(MappedFile{folder.path}, (folder.path + ": cannot be mapped: not a regular file").c_str(),
                       Error);
  CHECK_THROWS_WITH_AS(AtomicFile{absent}, (absent + ": cannot be created: No such file or directory").c_str(), Error);
}

TEST_CASE("file: a pipe is not mapped, nor waited for; a link that leads nowhere names where") {
  const Folder folder;
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0666) == 0);
  CHECK_THROWS_WITH_AS(MappedFile(folder / "pipe"),
                       (folder / "pipe" + ": cannot be mapped: not a regular file").c_str(), Error);
  fs::create_symlink("../blobs/1234", folder / "link");
  const std::string why = folder / "link" + ": cannot be opened: it is a link to ../blobs/1234, which is not there";
  CHECK_THROWS_WITH_AS(MappedFile(folder / "link"), why.c_str(), Error);
  CHECK_THROWS_WITH_AS(read_file(folder / "link"), why.c_str(), Error);
  CHECK(base::broken_link(folder / "link") == "it is a link to ../blobs/1234, which is not there");
  CHECK(base::broken_link(folder / "nothing") == "");
  std::filesystem::create_symlink("loop", folder / "loop");
  CHECK(base::broken_link(folder / "loop") == "it is a link to loop, which leads back to itself");
  CHECK(base::broken_link(folder.path) == "");
}

TEST_CASE("file: what git-lfs leaves in the place of a file is told from the file") {
  const Folder folder;
  write_file_atomically(folder / "file", "version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 557\n");
  const std::string why = folder / "file" + ": is a git-lfs pointer to the file, not the file; git lfs pull fetches it";
  CHECK_THROWS_WITH_AS(MappedFile(folder / "file"), why.c_str(), base::DamagedInput);
  CHECK_THROWS_WITH_AS(read_file(folder / "file"), why.c_str(), base::DamagedInput);
  write_file_atomically(folder / "file", "version https");
  CHECK(MappedFile(folder / "file").text() == "version https");
}

TEST_CASE("file: a TMPDIR that cannot be used is named") {
  const Folder folder;
  const char* const before = std::getenv("TMPDIR");
  const std::string kept = before != nullptr ? before : "";
  setenv("TMPDIR", folder.path.c_str(), 1);
  CHECK(base::temporary_folder() == folder.path);
  for (const char* path : {"/nowhere", "/dev/null"}) {
    setenv("TMPDIR", path, 1);
    const std::string why = std::string("TMPDIR: ") + path + " should be a folder that can be written to";
    CHECK_THROWS_WITH_AS(base::temporary_folder(), why.c_str(), base::UsageError);
  }
  setenv("TMPDIR", "", 1);
  CHECK(base::temporary_folder() == "/tmp");
  unsetenv("TMPDIR");
  CHECK(base::temporary_folder() == "/tmp");
  if (before != nullptr) setenv("TMPDIR", kept.c_str(), 1);
}

TEST_CASE("file: an unfinished file leaves nothing and touches nothing") {
  const Folder folder;
  write_file_atomically(folder / "a", "old");
  {
    AtomicFile file(folder / "a");
    file.write("new");
    CHECK(folder.entries() == 2);
  }
  CHECK(folder.entries() == 1);
  CHECK(read_file(folder / "a") == "old");
}

TEST_CASE("file: whichever system call fails, the target is whole and nothing is left over") {
  const Folder folder;
  const std::string path = folder / "a", old = "old", text(200000, 'x');
  const auto write = [&] {
    AtomicFile file(path, text.size() + 1);
    file.write(std::string_view(text).substr(0, 10));
    file.write(std::string_view(text).substr(10));
    file.commit();
  };
  for (const int error : {EIO, ENOSPC, EINTR, 0}) {
    const int calls = for_each_fault(
        error, [&] { std::ofstream(path) << old; }, write,
        [&](bool threw) {
          CHECK(folder.entries() == 1);
          const std::string now = read_file(path);
          CHECK((now == text || (threw && now == old)));
          if (error == EINTR || error == 0)
            CHECK(!threw);
          else if (Faults::call < Faults::failing)
            CHECK(!threw);
        });
    CHECK(calls >= 10);  // open, reserve, 2 writes, truncate, sync, close, rename; open, sync, close of the folder
  }
}

TEST_CASE("directory: whichever system call fails, the folder is whole or absent and nothing is left over") {
  const Folder folder;
  const std::string path = folder / "step-1";
  const auto write = [&] {
    AtomicDirectory directory(path);
    fs::create_directory(directory.temporary() + "/model");
    write_file_atomically(directory.temporary() + "/model/a", "one");
    std::ofstream(directory.temporary() + "/b") << "two";
    directory.commit();
  };
  for (const int error : {EIO, ENOSPC, EINTR, 0}) {
    const int calls = for_each_fault(
        error, [&] { fs::remove_all(path); }, write,
        [&](bool threw) {
          CHECK(folder.entries() == (fs::exists(path) ? 1 : 0));
          CHECK((threw || fs::exists(path)));
          if (fs::exists(path)) CHECK(read_file(path + "/model/a") + read_file(path + "/b") == "onetwo");
          if (error == EINTR || error == 0) CHECK(!threw);
        });
    CHECK(calls >= 20);
  }
  CHECK_THROWS_WITH_AS(write(), (path + ": cannot be renamed: Directory not empty").c_str(), Error);
  CHECK(folder.entries() == 1);
}

TEST_CASE("directory: whichever system call fails, a folder that replaces another leaves the old or the new one") {
  const Folder folder;
  const std::string path = folder / "step-1";
  const auto write = [&] {
    AtomicDirectory directory(path);
    write_file_atomically(directory.temporary() + "/a", "new");
    directory.replace();
  };
  const auto prepare = [&] {
    fs::create_directories(path + "/model");
    write_file_atomically(path + "/a", "old");
  };
  for (const int error : {EIO, ENOSPC, EINTR, 0}) {
    const int calls = for_each_fault(error, prepare, write, [&](bool threw) {
      CHECK(folder.entries() == 1);
      const std::string now = read_file(path + "/a");
      CHECK((now == "new" || (threw && now == "old")));
      CHECK(fs::exists(path + "/model") == (now == "old"));
      if (error == EINTR || error == 0) CHECK(!threw);
    });
    CHECK(calls >= 15);
  }
  base::FileSystem without = base::file_system();
  without.exchange = [](const char*, const char*) {
    errno = EINVAL;
    return -1;
  };
  prepare();
  FileSystemGuard guard(without);
  write();
  CHECK(folder.entries() == 1);
  CHECK(read_file(path + "/a") == "new");
}

TEST_CASE("file: leftovers of killed processes are removed, others stay") {
  const Folder folder;
  fs::create_directories(folder / "step-2.tmp-77-0/model");
  std::ofstream(folder / "latest.tmp-77-1") << "x";
  std::ofstream(folder / "latest") << "x";
  base::remove_unfinished(folder.path);
  CHECK(folder.entries() == 1);
  CHECK(fs::exists(folder / "latest"));
}
