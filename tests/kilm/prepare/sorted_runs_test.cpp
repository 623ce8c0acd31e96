#include "kilm/prepare/external/sorted_runs.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <random>

#include "tensor/base/error.h"
#include "tensor/base/file.h"
#include "tensor/base/threads.h"
#include "tests/kilm/folder.h"

using kilm::prepare::SortedRuns;

namespace {

using Records = std::vector<std::pair<std::string, std::string>>;

Records read(SortedRuns& runs) {
  Records records;
  for (SortedRuns::Reader reader = runs.read(); reader.next();) records.emplace_back(reader.key(), reader.value());
  return records;
}

// Returns few different keys, so that the order of equal ones shows; some with zeros, some that begin others.
Records shuffled_records(size_t n) {
  std::mt19937 random(3);
  Records records;
  for (size_t i = 0; i < n; ++i) {
    std::string key(random() % 20, 'k');
    key += std::string(random() % 3, '\0');
    if (random() % 2) key += char(random());
    records.emplace_back(key, std::to_string(i));
  }
  return records;
}

}  // namespace

TEST_CASE("sorted runs: keys come in order, equal ones as they were added, whatever memory and threads there are") {
  const Folder folder;
  const Records records = shuffled_records(30000);
  Records expected = records;
  std::stable_sort(expected.begin(), expected.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  const int before = base::threads();
  // Enough for all, for a hundred, and for two at a time: 15000 runs, merged twice before they can be read at once.
  for (const size_t memory : {SortedRuns::kMemory, size_t(5000), size_t(100)})
    for (const int threads : {1, 3}) {
      base::set_threads(threads);
      SortedRuns runs(folder.path, memory);
      CHECK(runs.empty());
      for (const auto& [key, value] : records) runs.add(key, value);
      CHECK(!runs.empty());
      CHECK(read(runs) == expected);
      CHECK(read(runs) == expected);
    }
  base::set_threads(before);
  CHECK(std::filesystem::is_empty(folder.path));
}

TEST_CASE("sorted runs: none, and records longer than the memory") {
  const Folder folder;
  SortedRuns runs(folder.path, 1000);
  CHECK(read(runs).empty());
  const std::string longest(300000, 'x');
  for (const char* key : {"b", "a", "c"}) runs.add(key, key + longest);
  CHECK(read(runs) == Records{{"a", "a" + longest}, {"b", "b" + longest}, {"c", "c" + longest}});
  runs.add("aa", "later");
  CHECK(read(runs)[1] == std::pair<std::string, std::string>("aa", "later"));
}

TEST_CASE("sorted runs: a full disk is an error of its own") {
  const Folder folder;
  SortedRuns runs(folder.path, 1000);
  base::FileSystem full = base::file_system();
  full.write = [](int, const void*, size_t) -> ssize_t { return errno = ENOSPC, -1; };
  const base::FileSystemGuard guard(full);
  const auto fill = [&] {
    for (int i = 0; i < 100; ++i) runs.add("key", std::string(100000, 'x'));
  };
  const std::string message = folder.path.string() + ": the temporary file cannot be written: No space left on device";
  CHECK_THROWS_WITH_AS(fill(), message.c_str(), base::OutOfMemory);
  CHECK_THROWS_AS(SortedRuns("/nowhere"), base::Error);
}

TEST_CASE("sorted runs: numbers as keys are in the order of numbers") {
  CHECK(kilm::prepare::number_key(1) < kilm::prepare::number_key(256));
  CHECK(kilm::prepare::number_key(~uint64_t(0)) > kilm::prepare::number_key(uint64_t(1) << 63));
  CHECK(kilm::prepare::key_number(kilm::prepare::number_key(1234567890123) + "more") == 1234567890123);
}
