#include "kilm/appositives/appositives.h"

#include <doctest/doctest.h>

#include "kilm/evaluation/readers/appos_corpus.h"
#include "tests/kilm/bart_fixture.h"
#include "tests/kilm/vocabulary.h"

using kilm::appositives::AppositiveOptions;
using kilm::appositives::AppositiveScore;
using kilm::appositives::PromptStyle;
using kilm::predictions::Example;

namespace {

std::string item(const std::string& name, const std::string& target, bool used) {
  return "{\"name\": \"" + name + "\", \"input\": [\"Then\", \"Ann\", \"<appos>\", \"sang\"], \"target\": [" + target +
         "], \"previous_sentence\": [], \"next_sentence\": [], \"used\": [" + (used ? "true" : "false") +
         "], \"properties\": [\"p\"], \"values\": [\"v\"], \"qualifiers\": [[]]}\n";
}

struct Said {
  AppositiveScore score;
  std::vector<Example> rows;
};

Said say(const std::string& path, PromptStyle style, int64_t batch_tokens = 8192) {
  const kilm::tokenizer::Tokenizer tokenizer = tokenizer_of_kilm();
  const kilm::bart::Bart model = tests::small_bart(tensor::DType::f32, tokenizer.size(), 1, 96);
  kilm::generation::GenerateOptions settings{.num_beams = 2, .batch_tokens = batch_tokens};
  const AppositiveOptions options{style, false,
                                  kilm::appositives::phrase_search(settings, style, tokenizer, model.config)};
  kilm::evaluation::ApposCorpusReader reader(path);
  Said said;
  said.score =
      say_appositives(model, tokenizer, reader, 0, options, [&](const Example& row) { said.rows.push_back(row); });
  return said;
}

}  // namespace

TEST_CASE("appositives: all, non-empty and constrained items are measured, those without their name left out") {
  const Folder folder;
  std::string lines;
  for (int i = 0; i < 70; ++i) lines += item(i == 1 ? "Bo" : "Ann", i % 2 == 0 ? "\"a\", \"b\"" : "", i % 7 == 0);
  folder.write("file", lines);
  for (const PromptStyle style : kilm::appositives::kPromptStyles) {
    const Said said = say(folder / "file", style);
    CHECK(said.score.left_out == 1);
    CHECK(said.score.full.examples == 69);
    CHECK(said.score.non_empty.examples == 35);
    CHECK(said.score.constraint.examples == 10);
    REQUIRE(said.rows.size() == 69);
    CHECK(said.rows[0].reference == "a b");
    CHECK(said.rows[2].reference == "<EMPTY>");
    kilm::metrics::Measurement again({kilm::metrics::Measure::f1, kilm::metrics::Measure::bleu});
    for (const Example& row : said.rows) again.add(row.prediction.as_string(), std::vector{row.reference.as_string()});
    const base::Json full = to_json(said.score).at("full");
    CHECK(full.at("f1") == again.to_json().at("f1"));
    CHECK(full.at("bleu") == again.to_json().at("bleu"));
    CHECK(full.find("meteor") != nullptr);
  }
}

TEST_CASE("appositives: what a model says does not depend on what is said with it") {
  const Folder folder;
  folder.write("file", item("Ann", "\"x\"", true) + item("Then", "", false) + item("Ann", "\"y\"", false));
  const Said together = say(folder / "file", PromptStyle::bart), alone = say(folder / "file", PromptStyle::bart, 1);
  CHECK(to_json(together.score) == to_json(alone.score));
  for (size_t i = 0; i < together.rows.size(); ++i) CHECK(together.rows[i].prediction == alone.rows[i].prediction);
}

TEST_CASE("appositives: a search ends at the tokens of its style and looks at what was said alone") {
  const kilm::tokenizer::Tokenizer t = tokenizer_of_kilm();
  const kilm::bart::Bart model = tests::small_bart(tensor::DType::f32, t.size(), 1, 96);
  const kilm::generation::GenerateOptions settings{
      .num_beams = 4, .min_length = 50, .no_repeat_ngram_size = 3, .ngrams_count_prefix = true};
  const auto kilm = kilm::appositives::phrase_search(settings, PromptStyle::kilm, t, model.config);
  CHECK(kilm.eos_token_id == t.kilm_tokens().ent_desc_end);
  CHECK(kilm.more_eos_token_ids == std::vector<int32_t>{t.eos()});
  CHECK(kilm.max_new_tokens == 48);
  CHECK(kilm.num_beams == 4);
  CHECK(kilm.no_repeat_ngram_size == 3);
  CHECK(!kilm.ngrams_count_prefix);
  const auto bart = kilm::appositives::phrase_search(settings, PromptStyle::bart, t, model.config);
  CHECK(bart.eos_token_id == t.eos());
  CHECK(bart.more_eos_token_ids.empty());
  CHECK(bart.min_length == 0);
}
