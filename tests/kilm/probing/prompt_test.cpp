#include "kilm/probing/prompt.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"
#include "tests/kilm/vocabulary.h"

using kilm::probing::cloze_prompt;
using kilm::probing::ClozePrompt;

namespace {

using Ids = std::vector<int32_t>;

Ids joined(std::initializer_list<Ids> parts) {
  Ids all;
  for (const Ids& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace

TEST_CASE("a cloze's source has the mask in the gap, its prefix ends before the word and its space") {
  const kilm::tokenizer::Tokenizer t = small_tokenizer();
  const Ids bos = {t.bos()}, eos = {t.eos()}, mask = {t.mask()};
  const ClozePrompt behind_space = cloze_prompt(t, {"By the ", " ."}, 1, {});
  CHECK(behind_space.space);
  CHECK(behind_space.source == joined({bos, t.encode("By the"), mask, t.encode(" ."), eos}));
  CHECK(behind_space.prefix == joined({eos, bos, t.encode("By the")}));

  const ClozePrompt bracket = cloze_prompt(t, {"the (", ")"}, 1, {});
  CHECK(!bracket.space);
  CHECK(bracket.prefix == joined({eos, bos, t.encode("the (")}));

  const ClozePrompt first = cloze_prompt(t, {"", " is"}, 1, {});
  CHECK(!first.space);
  CHECK(first.source == joined({bos, mask, t.encode(" is"), eos}));
  CHECK(first.prefix == joined({eos, bos}));
}

TEST_CASE("a prefix space goes to both parts of a sentence, and to a word at its start") {
  const kilm::tokenizer::Tokenizer t = small_tokenizer();
  const Ids bos = {t.bos()}, eos = {t.eos()}, mask = {t.mask()};
  const ClozePrompt prompt = cloze_prompt(t, {"the ", "."}, 1, {.prefix_space = true});
  CHECK(prompt.space);
  CHECK(prompt.source == joined({bos, t.encode(" the"), mask, t.encode(" ."), eos}));
  CHECK(prompt.source == joined({bos, t.encode("the <mask>.", {.prefix_space = true, .parse_special = true}), eos}));
  CHECK(cloze_prompt(t, {"", "."}, 1, {.prefix_space = true}).space);
  CHECK(!cloze_prompt(t, {"(", ")"}, 1, {.prefix_space = true}).space);
}

TEST_CASE("a cloze that does not fit loses tokens of its longer side, and words keep their room") {
  const kilm::tokenizer::Tokenizer t = small_tokenizer();
  const ClozePrompt long_right = cloze_prompt(t, {"ab", "cdefghij"}, 1, {.positions = 8});
  CHECK(long_right.source == joined({{t.bos()}, t.encode("ab"), {t.mask()}, t.encode("cde"), {t.eos()}}));
  const ClozePrompt long_left = cloze_prompt(t, {"abcdefgh", "i"}, 3, {.positions = 9});
  CHECK(long_left.prefix == joined({{t.eos(), t.bos()}, t.encode("defgh")}));
  CHECK(long_left.prefix.size() + 3 - 1 == 9);
  CHECK_THROWS_WITH_AS(cloze_prompt(t, {"a", ""}, 9, {.positions = 9}), doctest::Contains("a candidate has 9 tokens"),
                       base::Error);
}
