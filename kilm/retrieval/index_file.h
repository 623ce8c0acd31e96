// An index on disk, with what its documents are, as its maker wrote them. It is a record file (dataset/record_file.h):
//   records 0 to N - 1   the documents
//   records N to N + 2   the tables of the index: buckets, starts, postings (index.h)
//   extra                u32: the number of buckets
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kilm/dataset/record_file.h"
#include "kilm/retrieval/index.h"

namespace kilm::retrieval {

// Writes one. The file appears, whole, with commit().
class IndexWriter {
 public:
  IndexWriter(const std::string& path, uint32_t buckets = kDefaultBuckets);

  // Adds a document: the text that it is found by, and what it is.
  void add(std::string_view text, std::string_view document);
  int64_t documents() const { return builder_.documents(); }
  Index commit();  // returns what was written

 private:
  IndexBuilder builder_;
  dataset::RecordWriter writer_;
};

// One that is mapped. Opening it verifies every byte; it throws DamagedInput naming file and place.
class IndexFile {
 public:
  explicit IndexFile(const std::string& path);

  const Index& index() const { return *index_; }
  std::string_view document(int64_t i) const { return file_.record(i); }
  const std::string& path() const { return file_.path(); }

 private:
  dataset::RecordFile file_;
  std::optional<Index> index_;
};

}  // namespace kilm::retrieval
