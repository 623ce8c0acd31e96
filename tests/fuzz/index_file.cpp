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

// Takes the input as three tables. Its first two bytes tell how large they are, and how many buckets and documents
// there are.
void read_tables(std::string_view bytes) {
  if (bytes.size() < 2) return;
  const auto take = [&](size_t size) {
    const std::string_view table = bytes.substr(0, std::min(size, bytes.size()));
    bytes.remove_prefix(table.size());
    return table;
  };
  const auto first = static_cast<unsigned char>(bytes[0]), second = static_cast<unsigned char>(bytes[1]);
  const size_t terms = first % 16, documents = second % 16;
  // Most seeds were made for 7 buckets.
  const uint32_t number_of_buckets = (7 + first / 16) % 16;
  take(2);
  const std::string_view buckets = take(4 * terms), starts = take(4 * terms + 4);
  search(Index({buckets, starts, bytes}, int64_t(documents), number_of_buckets, "tables"), "the red river and a lake");
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
