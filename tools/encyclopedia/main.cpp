// encyclopedia [--permute-descriptions | --knowledge-as-text] [FACTS]: prints the sample encyclopedia, or a variant of
// it, as a MediaWiki export, from the tables in the folder FACTS.
#include <cstdio>
#include <string>

#include "tensor/base/error.h"
#include "tools/encyclopedia/encyclopedia.h"
#include "tools/encyclopedia/variants.h"

namespace {

using namespace tools::encyclopedia;

using Variant = std::vector<Page> (*)(std::vector<Page>);

Variant variant_of(const std::string& option) {
  if (option == "--permute-descriptions") return with_permuted_descriptions;
  if (option == "--knowledge-as-text") return with_knowledge_as_text;
  return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  int next = 1;
  const Variant variant = argc > 1 ? variant_of(argv[1]) : nullptr;
  if (variant) ++next;
  const std::string facts = next < argc ? argv[next++] : KILM_FACTS;
  if (next < argc || facts.starts_with("--")) {
    std::fprintf(stderr, "usage: encyclopedia [--permute-descriptions | --knowledge-as-text] [FACTS]\n");
    return 2;
  }
  try {
    std::vector<Page> pages = write_pages(read_tables(facts));
    if (variant) pages = variant(std::move(pages));
    const std::string xml = export_xml(pages);
    const bool written = std::fwrite(xml.data(), 1, xml.size(), stdout) == xml.size() && std::fflush(stdout) == 0;
    return written ? 0 : 1;
  } catch (const base::DamagedInput& error) {
    std::fprintf(stderr, "encyclopedia: %s\n", error.what());
    return 3;
  }
}
