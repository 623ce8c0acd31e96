#include "kilm/retrieval/index_file.h"

#include "tensor/base/format.h"

namespace kilm::retrieval {

using base::check;
using base::DamagedInput;

namespace {

constexpr int64_t kTables = 3;  // records behind the documents

}  // namespace

IndexWriter::IndexWriter(const std::string& path, uint32_t buckets)
    : builder_(buckets), writer_(path, dataset::RecordKind::index) {}

void IndexWriter::add(std::string_view text, std::string_view document) {
  builder_.add(text);
  writer_.add(document);
}

Index IndexWriter::commit() {
  Index index = std::move(builder_).finish();
  const auto& [buckets, starts, postings] = index.tables();
  for (const std::string_view table : {buckets, starts, postings}) writer_.add(table);
  dataset::FieldWriter extra;
  extra.u32(index.buckets());
  writer_.commit(extra.bytes());
  return index;
}

IndexFile::IndexFile(const std::string& path) : file_(path, dataset::RecordKind::index) {
  file_.verify();
  const int64_t documents = file_.records() - kTables;
  check<DamagedInput>(documents >= 0, "{}: has {} records, it should have at least {}", path, file_.records(), kTables);
  for (int64_t i = 0; i < documents; ++i) file_.record(i);  // throws if its offsets are wrong
  dataset::FieldReader extra(file_.extra(), path + ": extra");
  const uint32_t buckets = extra.u32();
  extra.end();
  index_.emplace(IndexTables{file_.record(documents), file_.record(documents + 1), file_.record(documents + 2)},
                 documents, buckets, path);
}

}  // namespace kilm::retrieval
