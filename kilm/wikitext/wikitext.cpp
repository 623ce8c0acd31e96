#include "kilm/wikitext/wikitext.h"

#include <string>
#include <utility>

#include "kilm/wikitext/brackets.h"
#include "kilm/wikitext/parser.h"
#include "kilm/wikitext/strip.h"
#include "kilm/wikitext/unclosed.h"

namespace kilm::wikitext {

namespace {

constexpr size_t kMaxPage = size_t(64) << 20;  // bytes; MediaWiki allows 2 MiB

}  // namespace

Article parse_wikitext(std::string_view wikitext, const languages::Site& site, std::string_view title) {
  Article article;
  if (wikitext.size() > kMaxPage) {
    article.omissions.add(Omission::too_much);
    return article;
  }
  std::string text = strip(wikitext, article.omissions, article.work);
  Brackets brackets(text);
  if (!brackets.open().empty()) {
    text = close_open_brackets(text, brackets);
    brackets = Brackets(text);
    article.work += 2 * int64_t(text.size());
  }
  Parser(std::move(text), std::move(brackets), site, title, article).run();
  return article;
}

}  // namespace kilm::wikitext
