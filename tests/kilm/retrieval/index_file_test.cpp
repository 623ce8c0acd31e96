#include "kilm/retrieval/index_file.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"
#include "tensor/base/file.h"
#include "tests/kilm/folder.h"

using namespace kilm::retrieval;
using base::DamagedInput;

namespace {

void write_two(const std::string& path) {
  IndexWriter writer(path, 1000);
  writer.add("the red river", "first");
  writer.add("the deep lake", "second");
  writer.add("a road", "");
  writer.commit();
}

}  // namespace

TEST_CASE("index file: finds what the index in memory finds, and gives documents back") {
  const Folder folder;
  write_two(folder / "index");
  const IndexFile file(folder / "index");
  CHECK(file.index().documents() == 3);
  CHECK(file.index().buckets() == 1000);
  IndexBuilder builder(1000);
  for (const char* text : {"the red river", "the deep lake", "a road"}) builder.add(text);
  const Index memory = std::move(builder).finish();
  for (const char* query : {"lake or river", "road", "nothing", ""}) {
    const std::vector<Found> one = file.index().search(query, 5), other = memory.search(query, 5);
    REQUIRE(one.size() == other.size());
    for (size_t i = 0; i < one.size(); ++i) {
      CHECK(one[i].document == other[i].document);
      CHECK(one[i].score == other[i].score);
    }
  }
  CHECK(file.document(file.index().search("lake", 1).at(0).document) == "second");
}

TEST_CASE("index file: is there when it is whole, and the same for the same documents") {
  const Folder folder;
  {
    IndexWriter writer(folder / "index");
    writer.add("text", "document");
  }
  CHECK(std::filesystem::is_empty(folder.path));
  write_two(folder / "one");
  write_two(folder / "two");
  CHECK(base::read_file(folder / "one") == base::read_file(folder / "two"));
}

TEST_CASE("index file: each changed byte and each cut is found when it is opened") {
  const Folder folder;
  write_two(folder / "index");
  const std::string whole = base::read_file(folder / "index");
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = char(changed[i] ^ 1);
    folder.write("bad", changed);
    CHECK_THROWS_AS(IndexFile(folder / "bad"), DamagedInput);
    folder.write("bad", whole.substr(0, i));
    CHECK_THROWS_AS(IndexFile(folder / "bad"), DamagedInput);
  }
}

TEST_CASE("index file: a whole record file that is no index is refused") {
  const Folder folder;
  for (const int records : {2, 3}) {
    kilm::dataset::RecordWriter writer(folder / "file", kilm::dataset::RecordKind::index);
    for (int i = 0; i < records; ++i) writer.add("");
    writer.commit("1234");
    CHECK_THROWS_AS(IndexFile(folder / "file"), DamagedInput);
  }
  kilm::dataset::RecordWriter writer(folder / "file", kilm::dataset::RecordKind::index);
  for (const std::string& table : {std::string(), std::string(4, '\0'), std::string()}) writer.add(table);
  writer.commit(std::string(4, '\0'));
  CHECK_THROWS_WITH_AS(IndexFile(folder / "file"), doctest::Contains("has 0 buckets"), DamagedInput);
  kilm::dataset::RecordWriter(folder / "trie", kilm::dataset::RecordKind::trie).commit();
  CHECK_THROWS_WITH_AS(IndexFile(folder / "trie"), doctest::Contains("kind 3 should be 4"), DamagedInput);
}
