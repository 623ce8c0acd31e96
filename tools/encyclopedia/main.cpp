// encyclopedia [FACTS]: prints the sample encyclopedia as a MediaWiki export, from the tables in the folder FACTS.
#include <cstdio>

#include "tensor/base/error.h"
#include "tools/encyclopedia/encyclopedia.h"

int main(int argc, char** argv) {
  using namespace tools::encyclopedia;
  try {
    const std::string xml = export_xml(write_pages(read_tables(argc > 1 ? argv[1] : KILM_FACTS)));
    const bool written = std::fwrite(xml.data(), 1, xml.size(), stdout) == xml.size() && std::fflush(stdout) == 0;
    return written ? 0 : 1;
  } catch (const base::DamagedInput& error) {
    std::fprintf(stderr, "encyclopedia: %s\n", error.what());
    return 3;
  }
}
