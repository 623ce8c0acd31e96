#include "kilm/dataset/record_file.h"

#include <doctest/doctest.h>

#include <cstring>

#include "tensor/base/error.h"
#include "tests/kilm/folder.h"

using base::DamagedInput;
using kilm::dataset::FieldReader;
using kilm::dataset::FieldWriter;
using kilm::dataset::RecordFile;
using kilm::dataset::RecordKind;
using kilm::dataset::RecordWriter;

namespace {

constexpr size_t kFooter = 3 * 8 + 32;

void write_three(const std::string& path) {
  RecordWriter writer(path, RecordKind::entities);
  for (const char* record : {"first", "", "third record"}) writer.add(record);
  writer.commit("extra bytes");
}

// Returns the error of opening these bytes, without the path.
std::string refusal(const Folder& folder, const std::string& bytes) {
  folder.write("bad", bytes);
  try {
    const RecordFile file(folder / "bad", RecordKind::entities);
  } catch (const DamagedInput& error) {
    const std::string message = error.what();
    REQUIRE(message.starts_with(folder / "bad: "));
    return message.substr((folder / "bad: ").size());
  }
  return "accepted";
}

}  // namespace

TEST_CASE("record file: records and extra bytes come back as they were written") {
  const Folder folder;
  write_three(folder / "file");
  const RecordFile file(folder / "file", RecordKind::entities);
  REQUIRE(file.records() == 3);
  CHECK(file.record(0) == "first");
  CHECK(file.record(1) == "");
  CHECK(file.record(2) == "third record");
  CHECK(file.extra() == "extra bytes");
  file.verify();
  CHECK_THROWS_AS(file.record(3), base::Error);
  CHECK_THROWS_AS(file.record(-1), base::Error);
}

TEST_CASE("record file: is told from other files by its begin") {
  const Folder folder;
  write_three(folder / "file");
  folder.write("text", "KILM");
  folder.write("empty", "");
  CHECK(kilm::dataset::is_record_file(folder / "file"));
  for (const char* name : {"text", "empty", "none"}) CHECK(!kilm::dataset::is_record_file(folder / name));
  CHECK(!kilm::dataset::is_record_file(folder.path));
}

TEST_CASE("record file: a file without records is a file") {
  const Folder folder;
  RecordWriter(folder / "none", RecordKind::paragraphs).commit();
  const RecordFile file(folder / "none", RecordKind::paragraphs);
  CHECK(file.records() == 0);
  CHECK(file.extra() == "");
  file.verify();
}

TEST_CASE("record file: wrong magic, version, kind and numbers of the footer are refused") {
  const Folder folder;
  write_three(folder / "file");
  const std::string good = base::read_file(folder / "file");
  const auto with = [&](size_t at, uint64_t value, size_t size) {
    std::string bad = good;
    std::memcpy(bad.data() + at, &value, size);
    return refusal(folder, bad);
  };
  const size_t footer = good.size() - kFooter;
  CHECK(with(0, 'k', 1) == "byte 0: does not begin with KILMDATA");
  CHECK(with(8, 2, 4) == "byte 8: version 2 should be 1");
  CHECK(with(12, 1, 4) == "byte 12: kind 1 should be 2");
  CHECK(with(footer, 4, 8) == "byte " + std::to_string(footer) + ": 4 records do not fit 32 bytes of offsets");
  CHECK(with(footer, (uint64_t(1) << 61) + 3, 8).ends_with("do not fit 32 bytes of offsets"));  // times 8 wraps to 24
  CHECK(with(footer + 8, 15, 8).find("should be in this order") != std::string::npos);
  CHECK(with(footer + 8, ~uint64_t(0), 8).find("should be in this order") != std::string::npos);
  CHECK(with(footer + 16, footer + 1, 8).find("should be in this order") != std::string::npos);
  CHECK(refusal(folder, "").starts_with("byte 0: 0 bytes are too few"));
}

TEST_CASE("record file: an offset that points outside is refused when its record is read") {
  const Folder folder;
  write_three(folder / "file");
  const std::string good = base::read_file(folder / "file");
  uint64_t offsets_at;
  std::memcpy(&offsets_at, good.data() + good.size() - kFooter + 8, 8);
  for (const uint64_t value : {uint64_t(0), uint64_t(15), offsets_at + 1, ~uint64_t(0)}) {
    std::string bad = good;
    std::memcpy(bad.data() + offsets_at + 8, &value, 8);
    folder.write("bad", bad);
    const RecordFile file(folder / "bad", RecordKind::entities);
    CHECK_THROWS_WITH_AS(file.record(0), doctest::Contains(": record 0 at [16, "), DamagedInput);
    CHECK_THROWS_AS(file.verify(), DamagedInput);
  }
}

TEST_CASE("record file: a cut file is refused, and every flipped byte fails the digest") {
  const Folder folder;
  write_three(folder / "file");
  const std::string good = base::read_file(folder / "file");
  for (size_t size = 0; size < good.size(); ++size) CHECK(refusal(folder, good.substr(0, size)) != "accepted");
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = char(bad[at] ^ 0x10);
    folder.write("bad", bad);
    CHECK_THROWS_AS(RecordFile(folder / "bad", RecordKind::entities).verify(), DamagedInput);
  }
}

TEST_CASE("fields: numbers and texts come back, and nothing is read beyond the record") {
  FieldWriter writer;
  writer.u32(7);
  writer.u64(uint64_t(1) << 40);
  writer.text("text");
  writer.u32(1000);
  FieldReader reader(writer.bytes(), "here");
  CHECK(reader.u32() == 7);
  CHECK(reader.u64() == uint64_t(1) << 40);
  CHECK_THROWS_WITH_AS(reader.end(), "here: 12 bytes at its end belong to nothing", DamagedInput);
  CHECK(reader.text() == "text");
  CHECK_THROWS_WITH_AS(FieldReader(reader).count(1), "here: 1000 entries do not fit the 0 bytes that are left",
                       DamagedInput);
  CHECK_THROWS_WITH_AS(FieldReader(reader).text(), "here: 1000 bytes are wanted where 0 are left", DamagedInput);
  reader.u32();
  reader.end();
  CHECK_THROWS_AS(reader.u32(), DamagedInput);
  CHECK_THROWS_AS(FieldWriter().u32(uint64_t(1) << 32), base::Error);
}
