#include "kilm/probing/gaps.h"

#include <doctest/doctest.h>

#include <cmath>

#include "kilm/bart/folder.h"
#include "kilm/generation/continuations.h"
#include "tensor/base/error.h"
#include "tensor/base/json_lines.h"
#include "tensor/base/threads.h"
#include "tests/kilm/bart_fixture.h"
#include "tests/kilm/vocabulary.h"

using kilm::evaluation::MaskedSentence;
using kilm::probing::Answer;
using kilm::probing::answer_gaps;
using kilm::probing::Candidates;
using kilm::probing::Gap;
using tensor::DType;

namespace {

// Words of one and of several tokens, some with a common beginning.
Candidates some_candidates(const kilm::tokenizer::Tokenizer& tokenizer) {
  Candidates candidates;
  for (const char* word : {"the", "a", "th", "thea", "t", "abc", "abd", "b", "they", "a the"}) candidates.add(word);
  candidates.tokenize(tokenizer);
  return candidates;
}

const MaskedSentence kSentences[] = {{"By the ", " ."}, {"(", ")"}, {"", " thing"}, {"th ab ", ""}};

std::vector<Gap> some_gaps(const kilm::tokenizer::Tokenizer& tokenizer, const kilm::bart::Bart& model,
                           const Candidates& candidates) {
  std::vector<Gap> gaps;
  for (const MaskedSentence& sentence : kSentences)
    for (size_t gold = 0; gold <= candidates.size(); ++gold)
      gaps.push_back({kilm::probing::cloze_prompt(tokenizer, sentence, candidates.longest(),
                                                  {.positions = model.config.max_position_embeddings}),
                      &candidates, gold < candidates.size() ? std::optional(gold) : std::nullopt});
  return gaps;
}

// Returns the scores of all candidates, each by itself.
std::vector<double> scores_of(const kilm::bart::Bart& model, const Gap& gap, double power) {
  std::vector<double> scores(gap.candidates->size());
  const auto score = [&](size_t word, std::vector<int32_t> tokens) {
    const kilm::generation::ContinuationRequest request{gap.prompt.source, gap.prompt.prefix, {tokens}};
    const double sum = kilm::generation::score_continuations(model, std::vector{request})[0][0];
    scores[word] = sum / std::pow(double(tokens.size()), power);
  };
  for (const auto& [word, token] : gap.candidates->tokens(gap.prompt.space).single) score(word, {token});
  for (const auto& [word, tokens] : gap.candidates->tokens(gap.prompt.space).longer) score(word, tokens);
  return scores;
}

bool equal(const Answer& a, const Answer& b) {
  return a.rank == b.rank && a.gold_score == b.gold_score && a.predicted == b.predicted &&
         a.predicted_score == b.predicted_score;
}

}  // namespace

TEST_CASE("an answer is what the scores of all candidates say, each computed by itself") {
  const kilm::tokenizer::Tokenizer tokenizer = small_tokenizer();
  const kilm::bart::Bart model = tests::small_bart(DType::f32, tokenizer.size());
  const Candidates candidates = some_candidates(tokenizer);
  const std::vector<Gap> gaps = some_gaps(tokenizer, model, candidates);
  for (const double power : {1.0, 0.0, 0.5, -1.0}) {
    CAPTURE(power);
    const std::vector<Answer> answers = answer_gaps(model, gaps, {.length_normalization = power});
    REQUIRE(answers.size() == gaps.size());
    for (size_t i = 0; i < gaps.size(); ++i) {
      CAPTURE(i);
      const std::vector<double> scores = scores_of(model, gaps[i], power);
      const size_t best = size_t(std::max_element(scores.begin(), scores.end()) - scores.begin());
      CHECK(answers[i].predicted == best);
      CHECK(answers[i].predicted_score == scores[best]);
      if (!gaps[i].gold) {
        CHECK(answers[i].rank == 0);
        continue;
      }
      const double gold = scores[*gaps[i].gold];
      CHECK(answers[i].gold_score == gold);
      const auto more = [&](double score) { return score > gold; };
      CHECK(answers[i].rank == 1 + std::count_if(scores.begin(), scores.end(), more));
    }
  }
}

TEST_CASE("of candidates that score the same the earlier one stands before") {
  const kilm::tokenizer::Tokenizer tokenizer = small_tokenizer();
  kilm::bart::Bart model = tests::small_bart(DType::f32, tokenizer.size());
  for (const nn::Variable& parameter : nn::parameters(model)) {
    tensor::Tensor value = parameter.value();
    value.fill(0);  // so that every token is as likely
  }
  const Candidates candidates = some_candidates(tokenizer);
  const std::vector<Gap> gaps = some_gaps(tokenizer, model, candidates);
  const std::vector<Answer> answers = answer_gaps(model, gaps, {});
  for (size_t i = 0; i < gaps.size(); ++i)
    if (gaps[i].gold && *gaps[i].gold == 0) {
      CHECK(answers[i].rank == 1);
      CHECK(answers[i].predicted == 0);
    }
}

TEST_CASE("an answer does not depend on what is computed with it, or on threads") {
  const kilm::tokenizer::Tokenizer tokenizer = small_tokenizer();
  const kilm::bart::Bart model = tests::small_bart(DType::f32, tokenizer.size());
  const Candidates candidates = some_candidates(tokenizer);
  const std::vector<Gap> gaps = some_gaps(tokenizer, model, candidates);
  const std::vector<Answer> together = answer_gaps(model, gaps, {});
  const int before = base::threads();
  for (const int threads : {1, 3})
    for (const int64_t batch_tokens : {1, 40, 8192}) {
      CAPTURE(batch_tokens);
      base::set_threads(threads);
      const std::vector<Answer> answers = answer_gaps(model, gaps, {.batch_tokens = batch_tokens});
      for (size_t i = 0; i < gaps.size(); ++i) CHECK(equal(answers[i], together[i]));
    }
  base::set_threads(before);
  CHECK_THROWS_AS(answer_gaps(model, gaps, {.batch_tokens = 0}), base::UsageError);
}

// fixtures/probing-golden is of tests/oracle/make_probing_golden.py.
TEST_CASE("scores of clozes are PyTorch's in float64") {
  const std::string fixtures = KILM_SOURCE_DIR "/tests/fixtures/";
  const kilm::bart::BartFolder folder = kilm::bart::load_bart(fixtures + "bart-other-golden", DType::f64);
  const kilm::tokenizer::Tokenizer& tokenizer = folder.text_tokenizer();
  Candidates candidates = kilm::probing::read_candidates(fixtures + "probing-golden/candidates.txt");
  candidates.tokenize(tokenizer);
  base::JsonLines lines(fixtures + "probing-golden/scores.jsonl");
  int checked = 0;
  while (lines.next([&](const base::Json& line) {
    const kilm::probing::PromptOptions options{.prefix_space = line.at("prefix_space").as_bool(),
                                               .positions = folder.model.config.max_position_embeddings};
    const MaskedSentence sentence{line.at("left").as_string(), line.at("right").as_string()};
    const auto& sums = line.at("log_probabilities").items();
    REQUIRE(sums.size() == candidates.size());
    std::vector<Gap> gaps;
    for (size_t gold = 0; gold < candidates.size(); ++gold)
      gaps.push_back({cloze_prompt(tokenizer, sentence, candidates.longest(), options), &candidates, gold});
    const std::vector<Answer> answers = answer_gaps(folder.model, gaps, {.length_normalization = 0});
    for (size_t i = 0; i < answers.size(); ++i) {
      CHECK(answers[i].gold_score == doctest::Approx(sums[i].as_number()).epsilon(1e-4));
      int64_t rank = 1;
      for (const base::Json& sum : sums) rank += sum.as_number() > sums[i].as_number();
      CHECK(answers[i].rank == rank);
      ++checked;
    }
    return true;
  }))
    continue;
  CHECK(checked >= 100);
}
