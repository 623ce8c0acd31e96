// The files of kilm appositive: ApposCorpus's lines, and PoMo's two tables, which an empty line parts here.
#include <algorithm>

#include "kilm/evaluation/readers/appos_corpus.h"
#include "kilm/evaluation/readers/pomo.h"
#include "tests/fuzz/input.h"

namespace {

using kilm::evaluation::Appositive;

void read_all(kilm::evaluation::AppositiveReader&& reader) {
  while (const std::optional<Appositive> item = reader.next()) {
    const std::optional<size_t> begin = item->name_begin();
    fuzz::require(!begin || item->left.compare(*begin, item->name.size(), item->name) == 0,
                  "a name that is found stands there");
  }
}

void read_tables(std::string_view text) {
  const size_t at = std::min(text.find("\n\n"), text.size());
  const fuzz::File items(text.substr(0, at)), facts(text.substr(std::min(at + 2, text.size())));
  read_all(kilm::evaluation::PomoReader(items.path(), facts.path()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const fuzz::File input(std::string_view(reinterpret_cast<const char*>(data), size));
  fuzz::parse(data, size, [&](std::string_view) { read_all(kilm::evaluation::ApposCorpusReader(input.path())); });
  return fuzz::parse(data, size, read_tables);
}
