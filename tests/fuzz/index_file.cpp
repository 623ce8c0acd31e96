// Indexes of questions: as files with their digest, and their tables alone, which no digest guards.
#include "kilm/retrieval/index_file.h"

#include <algorithm>

#include "kilm/answering/shots.h"
#include "tests/fuzz/input.h"

namespace {

using namespace kilm::retrieval;

void search(const Index& index, std::string_view query) {
  for (const Found& found : index.search(query, 5))
    fuzz::require(found.document >= 0 && found.document < index.documents() && found.score > 0,
                  "what is found is a document with a positive score");
}

// Takes the input as three tables, whose sizes its first two bytes tell.
void read_tables(std::string_view bytes) {
  if (bytes.size() < 2) return;
  const auto take = [&](size_t size) {
    const std::string_view table = bytes.substr(0, std::min(size, bytes.size()));
    bytes.remove_prefix(table.size());
    return table;
  };
  const size_t terms = static_cast<unsigned char>(bytes[0]) % 16, documents = static_cast<unsigned char>(bytes[1]) % 16;
  take(2);
  const std::string_view buckets = take(4 * terms), starts = take(4 * terms + 4);
  search(Index({buckets, starts, bytes}, int64_t(documents), 7, "tables"), "the red river and a lake");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::parse(data, size, read_tables);
  return fuzz::parse(data, size, [&](std::string_view bytes) {
    const fuzz::File input(bytes);
    const IndexFile file(input.path());
    search(file.index(), "the red river and a lake");
    for (int64_t i = 0; i < file.index().documents(); ++i) kilm::answering::question_in(file.document(i), input.path());
  });
}
