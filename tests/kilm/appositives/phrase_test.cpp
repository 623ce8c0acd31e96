#include "kilm/appositives/phrase.h"

#include <doctest/doctest.h>

#include "tests/kilm/vocabulary.h"

using kilm::appositives::AppositivePrompt;
using kilm::appositives::cleaned_up;
using kilm::appositives::phrase_of;
using kilm::appositives::PromptStyle;

namespace {

// Returns the phrase in what a model says before " , sang .", written as text.
std::string phrase(const kilm::tokenizer::Tokenizer& tokenizer, PromptStyle style, const std::string& said,
                   const std::string& after = " , sang with us .") {
  AppositivePrompt prompt;
  prompt.after = after;
  prompt.after_tokens = int64_t(tokenizer.encode(after).size());
  return phrase_of(tokenizer, prompt, style, tokenizer.encode(said, {.prefix_space = true, .parse_special = true}));
}

}  // namespace

TEST_CASE("a text is cleaned of the spaces of newspapers' tokens, as Transformers does it") {
  CHECK(cleaned_up(" Ann 's friend , who did n't sing . ") == "Ann's friend, who didn't sing.");
  CHECK(cleaned_up("I 'm here , are n't you ? We 've seen , they 're gone !") ==
        "I'm here, aren't you? We've seen, they're gone!");
  CHECK(cleaned_up("the dogs ' bone") == "the dogs'bone");
  CHECK(cleaned_up("\n\xc2\xa0") == "");
  CHECK(kilm::appositives::comparable(" ") == "<EMPTY>");
  CHECK(kilm::appositives::comparable("Stein 's partner") == "Stein's partner");
}

TEST_CASE("KILM's phrase ends at </ent_desc> and begins behind the last <sep>, in each item for itself") {
  const kilm::tokenizer::Tokenizer t = tokenizer_of_kilm();
  const PromptStyle style = PromptStyle::kilm;
  CHECK(phrase(t, style, "Ann Lee<sep>a singer</ent_desc> , sang") == "a singer");
  CHECK(phrase(t, style, "a singer</ent_desc>") == "a singer");
  CHECK(phrase(t, style, "a<sep>b<sep>c") == "c");
  CHECK(phrase(t, style, "Ann<sep></ent_desc>") == "<EMPTY>");
  CHECK(phrase(t, style, "a singer</s> and more</ent_desc>") == "a singer");
  CHECK(phrase(t, style, "a<mask> singer<ent></ent_desc>") == "a singer");
  CHECK(phrase(t, style, "</ent_desc>") == "<EMPTY>");
}

TEST_CASE("BART's phrase ends where the text behind the slot begins") {
  const kilm::tokenizer::Tokenizer plain = small_tokenizer();
  const PromptStyle style = PromptStyle::bart;
  CHECK(phrase(plain, style, "a singer , sang with us .</s>") == "a singer");
  CHECK(phrase(plain, style, "a singer, sang with us.") == "a singer");
  CHECK(phrase(plain, style, " , sang with us .</s>") == "<EMPTY>");
  CHECK(phrase(plain, style, "a singer", "") == "a singer");
  CHECK(phrase(plain, style, "abcdef", " xy") == "abc");  // which has three tokens
  CHECK(phrase(plain, style, "ab", " wxyz") == "<EMPTY>");
  CHECK(phrase(tokenizer_of_kilm(), style, "Ann<sep>a singer , sang with us .") == "a singer");
}
