#include "kilm/dump/dump.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzz::parse(data, size, [](std::string_view bytes) {
    const fuzz::File input(bytes);
    kilm::dump::ByteSource source(input.path());
    bool known = false;
    kilm::dump::read_dump(source, {.site =
                                       [&](const kilm::languages::SiteInfo&) {
                                         fuzz::require(!known, "the site is told once");
                                         known = true;
                                       },
                                   .page =
                                       [&](kilm::dump::Page&& page) {
                                         fuzz::require(known && !page.title.empty(), "a page has a site and a title");
                                         return true;
                                       }});
    fuzz::require(known, "a whole dump has a site");
  });
}
