#include "kilm/evaluation/describe.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"
#include "tests/kilm/bart_fixture.h"
#include "tests/kilm/vocabulary.h"

namespace {

using Ids = std::vector<int32_t>;

kilm::evaluation::Description parsed(const kilm::tokenizer::Tokenizer& tokenizer, const std::string& text) {
  return kilm::evaluation::parse_description(tokenizer, tokenizer.encode(text, {.parse_special = true}));
}

std::string message(std::string_view marked) {
  try {
    kilm::evaluation::parse_mentions(marked);
  } catch (const base::UsageError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a description is a title, <sep> and the rest, up to </ent_desc>") {
  const kilm::tokenizer::Tokenizer tokenizer = tokenizer_of_kilm();
  const kilm::evaluation::Description whole = parsed(tokenizer, " Paris<sep> capital of France</ent_desc> and more");
  CHECK(whole.title == "Paris");
  CHECK(whole.description == "capital of France");
  CHECK(parsed(tokenizer, " Paris<sep> capital").description == "capital");
  CHECK(parsed(tokenizer, " city</ent_desc><sep> x").title.empty());
  CHECK(parsed(tokenizer, " city</ent_desc><sep> x").description == "city");
  CHECK(parsed(tokenizer, "</ent_desc>").description.empty());
  CHECK(parsed(tokenizer, " a<mask><sep><ent> b<sep>c</s>").description == "bc");
  CHECK(kilm::evaluation::parse_description(tokenizer, Ids{int32_t(tokenizer.size())}).description.empty());
}

TEST_CASE("what training puts behind <ent_desc> is read back") {
  const kilm::tokenizer::Tokenizer tokenizer = tokenizer_of_kilm();
  const kilm::objective::InfillObjective objective(tokenizer, {});
  const kilm::evaluation::Description d =
      kilm::evaluation::parse_description(tokenizer, objective.knowledge("Zürich", "city (Switzerland)"));
  CHECK(d.title == "Zürich");
  CHECK(d.description == "city (Switzerland)");
}

TEST_CASE("mentions are marked by double brackets") {
  const kilm::evaluation::MarkedText text = kilm::evaluation::parse_mentions("[[Ann]] saw [[B]][[C d]] in [x] ]].");
  CHECK(text.text == "Ann saw BC d in [x] ]].");
  CHECK(text.mentions == std::vector<std::pair<int64_t, int64_t>>{{0, 3}, {8, 9}, {9, 12}});
  CHECK(message("no one") == "text: no one has no mention; one is written [[surface]]");
  CHECK(message("at [[home") == "text: [[ at byte 3 has no ]]");
  CHECK(message("a [[]]") == "text: [[]] at byte 2 holds no mention");
}

TEST_CASE("descriptions come in order and fit the model, however long the text is") {
  const kilm::tokenizer::Tokenizer tokenizer = tokenizer_of_kilm();
  const kilm::bart::Bart model = tests::small_bart(tensor::DType::f32, tokenizer.size());
  const kilm::objective::InfillObjective objective(tokenizer, kilm::evaluation::describe_objective(model.config));
  kilm::generation::GenerateOptions options = kilm::evaluation::describe_options(tokenizer, model.config);
  options.num_beams = options.num_return_sequences = 3;
  const std::string longer = std::string(300, 'a') + "Bob" + std::string(300, 'z');
  const kilm::evaluation::MentionQuery queries[] = {{"Ann was here", 0, 3}, {longer, 300, 303}, {"by Eve", 3, 6}};
  const auto together = kilm::evaluation::describe(model, objective, queries, options);
  REQUIRE(together.size() == 3);
  for (size_t i = 0; i < 3; ++i) {
    const auto alone = kilm::evaluation::describe(model, objective, {&queries[i], 1}, options);
    REQUIRE(together[i].size() == 3);
    for (size_t rank = 0; rank < 3; ++rank) {
      CHECK(together[i][rank].title == alone[0][rank].title);
      CHECK(together[i][rank].description == alone[0][rank].description);
      CHECK(together[i][rank].score == alone[0][rank].score);
      CHECK((rank == 0 || together[i][rank].score <= together[i][rank - 1].score));
    }
  }
}
