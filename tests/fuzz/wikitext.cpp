#include "kilm/wikitext/wikitext.h"

#include "kilm/prepare/description.h"
#include "kilm/text/sentence.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzz::parse(data, size, [](std::string_view text) {
    static const kilm::Site site;
    kilm::redirect_target(text);
    const kilm::Article article = kilm::parse_wikitext(text, site, "Page");
    fuzz::require(article.work <= 40 * int64_t(text.size()) + 1000, "work is a small multiple of the page's bytes");
    for (const kilm::Paragraph& paragraph : article.paragraphs) {
      int64_t end = 0;
      for (const kilm::WikiLink& link : paragraph.links) {
        fuzz::require(end <= link.begin && link.begin < link.end, "links are in order and not empty");
        end = link.end;
      }
      fuzz::require(end <= int64_t(paragraph.text.size()), "links are inside of the text");
      kilm::keep_paragraph(paragraph.text);
      kilm::first_sentence(paragraph.text);
    }
  });
}
