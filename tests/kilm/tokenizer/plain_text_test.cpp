#include "kilm/tokenizer/plain_text.h"

#include <doctest/doctest.h>

#include "tests/kilm/vocabulary.h"

using kilm::tokenizer::plain_text;

TEST_CASE("plain text: special tokens and ids that are none are left out") {
  const kilm::tokenizer::Tokenizer kilm = tokenizer_of_kilm(), small = small_tokenizer();
  const std::string text = "<s> a<mask><pad><unk> b</s>";
  std::vector<int32_t> ids = kilm.encode(text + "<ent>c</ent><ent_desc>d<sep></ent_desc>", {.parse_special = true});
  ids.push_back(int32_t(kilm.size()));
  CHECK(plain_text(kilm, ids) == " a bcd");
  CHECK(plain_text(small, small.encode(text, {.parse_special = true})) == " a b");
  CHECK(plain_text(small, {}) == "");
}
