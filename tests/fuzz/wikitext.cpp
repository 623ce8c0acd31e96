#include "kilm/wikitext/wikitext.h"

#include "kilm/languages/sentence_rules.h"
#include "kilm/prepare/description.h"
#include "kilm/text/sentence.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzz::parse(data, size, [](std::string_view text) {
    static const kilm::languages::Site site;
    kilm::languages::redirect_target(text);
    const kilm::wikitext::Article article = kilm::wikitext::parse_wikitext(text, site, "Page");
    fuzz::require(article.work <= 40 * int64_t(text.size()) + 1000, "work is a small multiple of the page's bytes");
    for (const kilm::wikitext::Paragraph& paragraph : article.paragraphs) {
      int64_t end = 0;
      for (const kilm::wikitext::WikiLink& link : paragraph.links) {
        fuzz::require(end <= link.begin && link.begin < link.end, "links are in order and not empty");
        end = link.end;
      }
      fuzz::require(end <= int64_t(paragraph.text.size()), "links are inside of the text");
      kilm::prepare::keep_paragraph(paragraph.text);
      kilm::text::first_sentence(paragraph.text, kilm::languages::sentence_rules({}), kilm::text::Quotations::whole);
    }
  });
}
