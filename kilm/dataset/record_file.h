// Records of any size in one flat file that is mapped for reading. What a record holds is the business of shard.h,
// entities.h, trie.h and index_file.h. Little-endian:
//   header   "KILMDATA", u32 version, u32 kind
//   records  one after another
//   offsets  u64[records + 1]: where they begin, and where the last one ends
//   extra    what this kind of file holds besides
//   footer   u64 records, u64 place of the offsets, u64 place of extra, XXH3-128 of all before it as 32 digits
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/base/file.h"

namespace kilm::dataset {

enum class RecordKind : uint32_t { paragraphs = 1, entities = 2, trie = 3, index = 4 };

RecordKind record_kind(const std::string& path);  // what the header says; DamagedInput if there is none

bool is_record_file(
    const std::string& path);  // whether a file begins as one; no for what is no file, a pipe for example

class RecordWriter {
 public:
  RecordWriter(const std::string& path, RecordKind kind);

  void add(std::string_view record);
  int64_t records() const { return int64_t(offsets_.size()) - 1; }
  size_t bytes() const { return file_.size(); }
  base::Digests commit(std::string_view extra = {});  // gives the file its name, and returns its digests

 private:
  void write(std::string_view bytes);

  base::AtomicFile file_;
  base::Xxh3 digest_;
  std::vector<uint64_t> offsets_;
};

// Opening reads no record. It checks that every number of header, offsets and footer is inside the file and in order.
// If not, it throws DamagedInput naming file, byte and reason.
class RecordFile {
 public:
  RecordFile(const std::string& path, RecordKind kind);

  const std::string& path() const { return file_.path(); }
  int64_t records() const { return records_; }
  std::string_view record(int64_t i) const;  // DamagedInput if its offsets are not
  std::string_view extra() const { return extra_; }
  void verify() const;  // compares the digest; DamagedInput if it does not match

 private:
  base::MappedFile file_;
  int64_t records_ = 0;
  uint64_t offsets_at_ = 0;
  std::string_view extra_;
};

// The fields of a record: numbers of fixed size, texts with their length in front.
class FieldWriter {
 public:
  void u32(uint64_t value);  // Error above 2^32 - 1
  void u64(uint64_t value);
  void text(std::string_view value);

  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

class FieldReader {
 public:
  // Takes a record, and the place that errors name: "shard-00000.kds: record 7".
  FieldReader(std::string_view record, std::string place) : rest_(record), place_(std::move(place)) {}

  uint32_t u32();
  uint64_t u64();
  std::string_view text();
  uint32_t count(size_t bytes_each);  // how many things follow, each of at least so many bytes
  void end() const;                   // DamagedInput if anything is left
  [[noreturn]] void damaged(std::string_view reason) const;

 private:
  std::string_view take(size_t n);

  std::string_view rest_;
  std::string place_;
};

}  // namespace kilm::dataset
