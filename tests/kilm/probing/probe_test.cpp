#include "kilm/probing/probe.h"

#include <doctest/doctest.h>

#include "tests/kilm/bart_fixture.h"
#include "tests/kilm/vocabulary.h"

using kilm::predictions::Cloze;
using kilm::probing::ClozeData;

TEST_CASE("probe: a row for each fact in its order, facts without a candidate left out, negations compared") {
  const Folder folder;
  std::string lines;
  for (int i = 0; i < 300; ++i) {
    const std::string object = i % 3 == 0 ? "the" : i % 3 == 1 ? "ab" : "unknown";
    const std::string left = "S" + std::to_string(i) + " is ";
    lines += "{\"sub_label\": \"" + std::to_string(i) + "\", \"obj_label\": \"" + object +
             "\", \"masked_sentences\": [\"" + left + "[MASK].\"], \"masked_negations\": [\"" +
             (i % 2 == 0 ? left : "not ") + "[MASK].\"]}\n";
  }
  folder.write("r.jsonl", lines);
  folder.write("words", "the\nab\nac\n");
  kilm::tokenizer::Tokenizer tokenizer = small_tokenizer();
  const kilm::bart::Bart model = tests::small_bart(tensor::DType::f32, tokenizer.size());
  ClozeData data({folder / "r.jsonl"}, {}, kilm::probing::read_candidates(folder / "words"));
  data.tokenize(tokenizer);
  std::vector<Cloze> rows;
  const auto score = kilm::probing::probe(model, tokenizer, data, {}, [&](const Cloze& row) { rows.push_back(row); });
  REQUIRE(rows.size() == 200);
  CHECK(score.all().facts() == 200);
  CHECK(score.skipped() == 100);
  CHECK(score.negated() == 200);
  CHECK(score.same_top1() >= 0.5);  // those whose two sentences are one
  CHECK(rows[2].subject == "3");
  CHECK(rows[2].relation == "r");
  CHECK(rows[3].gold == "ab");
  int64_t first = 0;
  for (const Cloze& row : rows) {
    CHECK((row.rank == 1) == (row.predicted == row.gold));
    CHECK((row.rank == 1) == (row.predicted_score == row.gold_score));
    first += row.rank == 1;
  }
  CHECK(score.all().precision_at_1() == doctest::Approx(double(first) / 200));
}
