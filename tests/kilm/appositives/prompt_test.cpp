#include "kilm/appositives/prompt.h"

#include <doctest/doctest.h>

#include "kilm/objective/infill.h"
#include "tests/kilm/vocabulary.h"

using kilm::appositives::appositive_prompt;
using kilm::appositives::AppositivePrompt;
using kilm::appositives::PromptStyle;
using kilm::evaluation::Appositive;

namespace {

using Ids = std::vector<int32_t>;

Appositive item() {
  return {.name = "Ann",
          .left = "Then Ann",
          .right = ", sang .",
          .previous = "It rained .",
          .next = "She left .",
          .target = "a singer",
          .fact = kilm::evaluation::AppositiveFact{"work", "singer", "since 1990"}};
}

Ids encoded(const kilm::tokenizer::Tokenizer& tokenizer, const std::string& text) {
  return tokenizer.encode(text, {.prefix_space = true, .parse_special = true});
}

}  // namespace

TEST_CASE("in KILM's style the name is a mention, and the slot its description") {
  const kilm::tokenizer::Tokenizer t = tokenizer_of_kilm();
  const AppositivePrompt prompt = appositive_prompt(t, item(), {});
  CHECK(prompt.source ==
        encoded(t, "<s>It rained . Then <ent>Ann</ent><ent_desc><mask></ent_desc> , sang . She left .</s>"));
  CHECK(prompt.prefix == encoded(t, "</s><s>It rained . Then <ent>Ann</ent><ent_desc>"));
  CHECK(prompt.after == " , sang . She left .");
  CHECK(prompt.after_tokens == int64_t(encoded(t, prompt.after).size()));

  // It is the prompt of a description, where the slot is right behind the name.
  const std::string text = "It rained . Then Ann , sang . She left .";
  const kilm::objective::InfillObjective objective(t, {});
  const auto described = objective.prompt(text, int64_t(text.find("Ann")), int64_t(text.find("Ann") + 3));
  CHECK(prompt.source == described.source);
  CHECK(prompt.prefix == described.prefix);
}

TEST_CASE("what stands between the name and the slot stays between them") {
  const kilm::tokenizer::Tokenizer t = tokenizer_of_kilm();
  Appositive one = item();
  one.left = "Ann saw Ann of Ulm";
  one.previous = one.next = "";
  CHECK(appositive_prompt(t, one, {}).source ==
        encoded(t, "<s>Ann saw <ent>Ann</ent> of Ulm<ent_desc><mask></ent_desc> , sang .</s>"));
  one.left = "Ann";
  one.right = "";
  const AppositivePrompt alone = appositive_prompt(t, one, {});
  CHECK(alone.source == encoded(t, "<s><ent>Ann</ent><ent_desc><mask></ent_desc></s>"));
  CHECK(alone.after == "");
}

TEST_CASE("in BART's style the slot is a mask, and no token of KILM is needed") {
  const kilm::tokenizer::Tokenizer t = small_tokenizer();
  const AppositivePrompt prompt = appositive_prompt(t, item(), {.style = PromptStyle::bart});
  CHECK(prompt.source == encoded(t, "<s>It rained . Then Ann <mask> , sang . She left .</s>"));
  CHECK(prompt.prefix == encoded(t, "</s><s>It rained . Then Ann"));
}

TEST_CASE("a fact stands at the end, its parts behind <sep>, which is text where there is no such token") {
  const kilm::tokenizer::Tokenizer t = tokenizer_of_kilm(), plain = small_tokenizer();
  const std::string end = " , sang . She left . <sep> work singer <sep> since 1990</s>";
  CHECK(appositive_prompt(t, item(), {.facts = true}).source ==
        encoded(t, "<s>It rained . Then <ent>Ann</ent><ent_desc><mask></ent_desc>" + end));
  CHECK(appositive_prompt(plain, item(), {.style = PromptStyle::bart, .facts = true}).source ==
        encoded(plain, "<s>It rained . Then Ann <mask>" + end));
  Appositive one = item();
  one.fact->qualifier = "";
  CHECK(appositive_prompt(t, one, {.facts = true}).source ==
        encoded(
            t,
            "<s>It rained . Then <ent>Ann</ent><ent_desc><mask></ent_desc> , sang . She left . <sep> work singer</s>"));
  one.fact.reset();
  CHECK(appositive_prompt(t, one, {.facts = true}).source == appositive_prompt(t, one, {}).source);
  CHECK(appositive_prompt(t, one, {.facts = true}).after == " , sang . She left .");
}

TEST_CASE("too long a prompt keeps the mask in its first half, and <s> and </s>") {
  const kilm::tokenizer::Tokenizer t = tokenizer_of_kilm();
  Appositive one = item();
  one.previous = std::string(500, 'x');
  one.next = std::string(500, 'y');
  const AppositivePrompt prompt = appositive_prompt(t, one, {.max_source = 60});
  CHECK(prompt.source.size() == 60);
  CHECK(prompt.source.front() == t.bos());
  CHECK(prompt.source.back() == t.eos());
  CHECK(prompt.source[29] == t.mask());
  CHECK(prompt.source[28] == t.kilm_tokens().ent_desc);
  CHECK(prompt.prefix == [&] {
    Ids prefix = {t.eos()};
    prefix.insert(prefix.end(), prompt.source.begin(), prompt.source.begin() + 29);
    return prefix;
  }());
  CHECK(prompt.after_tokens == 60 - 30 - 2);
  one.next = "";
  CHECK(appositive_prompt(t, one, {.max_source = 60}).source.size() == 30 + 1 + encoded(t, " , sang .").size() + 1);
}
