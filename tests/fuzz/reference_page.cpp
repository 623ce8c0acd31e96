#include "kilm/prepare/reference/reference_page.h"

#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzz::parse(data, size, [](std::string_view text) {
    namespace reference = kilm::prepare::reference;
    kilm::prepare::reference::is_redirect(text);
    for (const bool lead : {true, false}) {
      const kilm::prepare::reference::ReferenceArticle article = kilm::prepare::reference::parse_page(text, lead);
      if (!article.paragraph) continue;
      int64_t end = 0;
      for (const kilm::wikitext::WikiLink& link : article.paragraph->links) {
        fuzz::require(end <= link.begin && link.begin < link.end, "links are in order and not empty");
        end = link.end;
      }
      fuzz::require(end <= int64_t(article.paragraph->text.size()), "links are inside of the text");
    }
  });
}
