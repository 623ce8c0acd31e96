// The files of kilm probe: clozes, the templates of relations, and candidates.
#include "kilm/evaluation/readers/clozes.h"

#include "kilm/probing/candidates.h"
#include "tests/fuzz/input.h"

namespace {

using kilm::evaluation::Cloze;
using kilm::evaluation::ClozeTemplates;

void read_clozes(const std::string& path, const ClozeTemplates& templates) {
  kilm::evaluation::ClozeReader reader(path, templates);
  while (const std::optional<Cloze> cloze = reader.next())
    fuzz::require(!cloze->object.empty() && !cloze->relation.empty(), "a cloze has a relation and an object");
}

void read_words(const std::string& path) {
  const kilm::probing::Candidates candidates = kilm::probing::read_candidates(path);
  for (size_t i = 0; i < candidates.size(); ++i)
    fuzz::require(candidates.find(candidates.word(i)) == i, "each word stands once");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const fuzz::File input(std::string_view(reinterpret_cast<const char*>(data), size));
  ClozeTemplates templates;
  const auto read = [&](auto f) { return fuzz::parse(data, size, [&](std::string_view) { f(); }); };
  read([&] { templates = ClozeTemplates(input.path()); });
  read([&] { read_words(input.path()); });
  return read([&] { read_clozes(input.path(), templates); });
}
