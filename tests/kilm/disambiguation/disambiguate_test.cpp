#include "kilm/disambiguation/disambiguate.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "kilm/bart/folder.h"
#include "kilm/evaluation/describe.h"
#include "tensor/base/choice.h"
#include "tensor/base/error.h"
#include "tensor/base/json_lines.h"
#include "tensor/base/threads.h"
#include "tests/kilm/bart_fixture.h"
#include "tests/kilm/vocabulary.h"

using doctest::Approx;
using kilm::bart::Packed;
using kilm::disambiguation::ScoredPart;
using kilm::disambiguation::ScoringOptions;
using kilm::evaluation::MentionItem;
using kilm::objective::InfillObjective;

namespace {

using Ids = std::vector<int32_t>;

MentionItem mention(const std::string& left, const std::string& surface, const std::string& right,
                    std::vector<kilm::evaluation::MentionCandidate> candidates) {
  return {.id = 0,
          .document = "d",
          .text = std::make_shared<const std::string>(left + surface + right),
          .start = int64_t(left.size()),
          .end = int64_t(left.size() + surface.size()),
          .candidates = std::move(candidates),
          .place = "set: line 1"};
}

struct Setting {
  explicit Setting(int64_t positions = 96)
      : tokenizer(tokenizer_of_kilm()),
        model(tests::small_bart(tensor::DType::f32, tokenizer.size(), 1, positions)),
        objective(tokenizer, kilm::evaluation::describe_objective(model.config)) {}

  std::vector<std::vector<double>> scores(const std::vector<MentionItem>& mentions,
                                          const ScoringOptions& options) const {
    return score_candidates(model, objective, mentions, options);
  }

  // Returns the log probability of `tokens` behind a prompt, by one pass over both.
  double by_definition(const InfillObjective::Prompt& prompt, const Ids& tokens) const {
    const autograd::NoGrad no_grad;
    Ids target = prompt.prefix;
    target.insert(target.end(), tokens.begin(), tokens.end() - 1);
    const tensor::Tensor hidden = model
                                      .forward(Packed::of(std::vector<Ids>{prompt.source}),
                                               Packed::of(std::vector<Ids>{target}), nn::Mode::evaluation)
                                      .value();
    const std::vector<double> logits = model.logits(hidden).cast(tensor::DType::f64).to_vector<double>();
    const size_t v = logits.size() / target.size();
    double sum = 0;
    for (size_t i = 0; i < tokens.size(); ++i) {
      const double* row = logits.data() + (prompt.prefix.size() - 1 + i) * v;
      double total = 0;
      for (size_t j = 0; j < v; ++j) total += std::exp(row[j]);
      sum += row[tokens[i]] - std::log(total);
    }
    return sum;
  }

  kilm::tokenizer::Tokenizer tokenizer;
  kilm::bart::Bart model;
  InfillObjective objective;
};

const std::vector<MentionItem> kMentions = {
    mention("we met ", "Ann", " there", {{"Ann", "one of us"}, {"Ann B", ""}, {"Ann"}, {"Eve", "other"}}),
    mention("", "Bob", "", {}),
    mention("by ", "Eve", ".", {{"Eve", "x"}}),
};

}  // namespace

TEST_CASE("a candidate's score is its log probability behind the prompt of describe, by its number of tokens") {
  const Setting s;
  const MentionItem& ann = kMentions[0];
  const InfillObjective::Prompt prompt = s.objective.prompt(*ann.text, ann.start, ann.end);
  const InfillObjective::Prompt bare = s.objective.prompt("Ann", 0, 3);
  for (const auto part : kilm::disambiguation::kScoredParts)
    for (const double power : {1.0, 0.0, 0.5})
      for (const double calibrate : {0.0, 0.7}) {
        CAPTURE(name(part));
        const auto scores = s.scores(kMentions, {.part = part, .length_normalization = power, .calibrate = calibrate});
        REQUIRE(scores.size() == 3);
        CHECK(scores[1].empty());
        CHECK(scores[2].size() == 1);
        for (size_t c = 0; c < ann.candidates.size(); ++c) {
          Ids tokens = s.objective.knowledge(ann.candidates[c].title, ann.candidates[c].description.value_or(""));
          const auto sep = std::find(tokens.begin(), tokens.end(), s.tokenizer.kilm_tokens().sep);
          if (part == ScoredPart::title) tokens.erase(sep + 1, tokens.end());
          const double expected = (s.by_definition(prompt, tokens) - calibrate * s.by_definition(bare, tokens)) /
                                  std::pow(double(tokens.size()), power);
          CHECK(scores[0][c] == Approx(expected).epsilon(1e-4));
        }
        if (part == ScoredPart::title) CHECK(scores[0][0] == scores[0][2]);
      }
}

TEST_CASE("scores do not depend on --batch-tokens, on threads or on other mentions") {
  const Setting s;
  const ScoringOptions options{.part = ScoredPart::full, .calibrate = 0.5};
  const auto scores = s.scores(kMentions, options);
  for (const int64_t batch_tokens : {1, 40, 100}) {
    ScoringOptions other = options;
    other.batch_tokens = batch_tokens;
    CHECK(s.scores(kMentions, other) == scores);
  }
  CHECK(s.scores({kMentions[2]}, options)[0] == scores[2]);
  const int threads = base::threads();
  base::set_threads(1);
  CHECK(s.scores(kMentions, options) == scores);
  base::set_threads(3);
  CHECK(s.scores(kMentions, options) == scores);
  base::set_threads(threads);
}

TEST_CASE("what does not fit the positions loses tokens of the description, then of the title") {
  const Setting s(40);  // 20 for the text, 20 for knowledge
  const std::string left = "we met and met and met and met and met ";
  const Ids prefix = s.objective.prompt(left + "Ann", int64_t(left.size()), int64_t(left.size() + 3)).prefix;
  const auto room = size_t(40 + 1 - std::ssize(prefix));
  const Ids sep_end = s.objective.knowledge("", "");
  const auto tokens_of = [&](const std::string& text) {
    Ids tokens = s.objective.knowledge(text, "");
    tokens.resize(tokens.size() - 2);
    return tokens;
  };
  const std::string longer(60, 'n');
  const Ids title = tokens_of("Ann"), many = tokens_of(longer);
  REQUIRE(many.size() > room);
  const InfillObjective::Prompt prompt =
      s.objective.prompt(left + "Ann", int64_t(left.size()), int64_t(left.size() + 3));
  const auto score = [&](const std::string& title, const std::string& description, ScoredPart part) {
    const MentionItem item = mention(left, "Ann", "", {{title, description}});
    return s.scores({item}, {.part = part, .length_normalization = 0})[0][0];
  };
  const auto joined = [&](const Ids& title, const Ids& description, bool full) {
    Ids tokens = title;
    tokens.push_back(sep_end[0]);
    tokens.insert(tokens.end(), description.begin(), description.end());
    if (full) tokens.push_back(sep_end[1]);
    return tokens;
  };
  const auto begin = [](const Ids& ids, size_t n) { return Ids(ids.begin(), ids.begin() + std::ptrdiff_t(n)); };
  CHECK(score("Ann", longer, ScoredPart::full) ==
        Approx(s.by_definition(prompt, joined(title, begin(many, room - title.size() - 2), true))).epsilon(1e-4));
  CHECK(score(longer, "of us", ScoredPart::full) ==
        Approx(s.by_definition(prompt, joined(begin(many, room - 2), {}, true))).epsilon(1e-4));
  CHECK(score(longer, "of us", ScoredPart::title) ==
        Approx(s.by_definition(prompt, joined(begin(many, room - 1), {}, false))).epsilon(1e-4));
}

TEST_CASE("a long document has the scores of the window around its mention") {
  const Setting s;
  std::string left, right;
  for (int i = 0; i < 30000; ++i) left += " we met";
  for (int i = 0; i < 30000; ++i) right += " by me";
  const auto scores = [&](const std::string& left, const std::string& right) {
    return s.scores({mention(left, "Ann", right, kMentions[0].candidates)}, {.part = ScoredPart::full})[0];
  };
  const auto expected = scores(left.substr(left.size() - 700), right.substr(0, 600));
  CHECK(scores(left, right) == expected);
  CHECK(scores(left, right.substr(0, 600)) == expected);
  CHECK(scores(left.substr(left.size() - 700), right) == expected);
}

TEST_CASE("a mention that is longer than a prompt is damage") {
  const Setting s(40);
  CHECK_THROWS_WITH_AS(s.scores({mention("", std::string(60, 'n'), "", {{"A"}})}, {}),
                       doctest::Contains("set: line 1: the mention alone"), base::DamagedInput);
}

TEST_CASE("the best candidate is predicted, of equal ones the earlier") {
  MentionItem item = mention("by ", "Eve", "", {{"A"}, {"B"}, {"C"}});
  item.title = "C";
  const double scores[] = {-2, -1, -1};
  const kilm::predictions::Mention row = kilm::disambiguation::prediction(item, scores);
  CHECK(row.mention == "Eve");
  CHECK(row.gold == "C");
  CHECK(row.predicted == "B");
  REQUIRE(row.candidates.size() == 3);
  CHECK(row.candidates[1].title == "C");
  CHECK(row.candidates[2].score == -2);
  item.candidates.clear();
  CHECK(!kilm::disambiguation::prediction(item, {}).predicted);
}

// tests/oracle/make_disambiguation_golden.py made the mentions, and their scores by PyTorch in f64.
TEST_CASE("scores agree with Transformers") {
  const std::string fixtures = KILM_SOURCE_DIR "/tests/fixtures/";
  const kilm::bart::BartFolder folder = kilm::bart::load_bart(fixtures + "bart-other-golden");
  const InfillObjective objective(folder.text_tokenizer(), kilm::evaluation::describe_objective(folder.model.config));
  std::vector<MentionItem> mentions;
  const auto reader = kilm::evaluation::open_mentions(fixtures + "disambiguation-golden/set.jsonl",
                                                      kilm::evaluation::MentionFormat::jsonl);
  while (auto item = reader->next()) mentions.push_back(std::move(*item));
  base::JsonLines lines(fixtures + "disambiguation-golden/scores.jsonl");
  int settings = 0;
  while (const auto golden = lines.next([](const base::Json& line) { return line; })) {
    CAPTURE(golden->at("score").as_string());
    const auto scores = kilm::disambiguation::score_candidates(
        folder.model, objective, mentions,
        {.part = base::parse_choice<ScoredPart>(golden->at("score").as_string(), kilm::disambiguation::kScoredParts),
         .length_normalization = golden->at("length_normalization").as_number(),
         .calibrate = golden->at("calibrate").as_number()});
    REQUIRE(golden->at("scores").items().size() == scores.size());
    for (size_t i = 0; i < scores.size(); ++i) {
      REQUIRE(golden->at("scores").items()[i].items().size() == scores[i].size());
      for (size_t c = 0; c < scores[i].size(); ++c)
        CHECK(scores[i][c] == Approx(golden->at("scores").items()[i].items()[c].as_number()).epsilon(1e-4));
    }
    ++settings;
  }
  CHECK(settings == 6);
}
