#include "kilm/objective/infill.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include "kilm/languages/sentence_rules.h"
#include "kilm/text/sentence.h"
#include "kilm/tokenizer/train.h"
#include "tensor/base/error.h"
#include "tensor/base/file.h"
#include "tensor/base/format.h"

using kilm::objective::Group;

namespace {

using Ids = std::vector<int32_t>;

const std::string kReal = KILM_SOURCE_DIR "/../shared/data/bart-tokenizer";

const std::string kText =
    "Andrew R. Jassy is an American business executive who has been the president and CEO of Amazon, since July 5, "
    "2021.";

kilm::dataset::Mention chief_executive() {
  const int64_t begin = int64_t(kText.find("CEO"));
  return {begin, begin + 3, "Chief executive officer", "Highest-ranking corporate officer or administrator"};
}

const Ids kPublished = {0,    2224, 248,   4,     344,  27633, 16,    41,   470,  265,  1031,  54,    34, 57,    5,
                        394,  8,    1437,  50265, 1324, 50266, 50267, 1231, 1031, 1036, 50269, 36136, 12, 19217, 2365,
                        1036, 50,   11417, 50268, 9,    1645,  6,     187,  550,  195,  6,     8835,  4,  2};

Ids operator+(Ids a, const Ids& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Ids part(const Ids& ids, size_t begin, size_t end) { return {ids.begin() + long(begin), ids.begin() + long(end)}; }

}  // namespace

// BART's vocabulary (docs/objective.md, With BART's vocabulary) is not part of this project.
TEST_CASE("the objective's example" * doctest::skip(!std::filesystem::exists(kReal))) {
  kilm::tokenizer::Tokenizer tokenizer = kilm::tokenizer::Tokenizer::load(kReal);
  CHECK_THROWS_AS(kilm::objective::InfillObjective(tokenizer, {}), base::Error);
  tokenizer.add_kilm_tokens();

  SUBCASE("without infilling it is the published pair but for its spans") {
    const kilm::objective::InfillObjective objective(tokenizer, {.mask_rate = 0});
    const kilm::objective::Example example = objective.make(kText, {chief_executive()}, {.seed = 1});
    CHECK(example.target == kPublished);
    CHECK(example.source == part(kPublished, 0, 22) + Ids{tokenizer.mask()} + part(kPublished, 33, 44));
    CHECK(std::count(example.source.begin(), example.source.end(), tokenizer.mask()) == 1);
    CHECK(std::count(example.groups.begin(), example.groups.end(), Group::knowledge) == 13);
    CHECK(std::count(example.groups.begin(), example.groups.end(), Group::infill) == 0);
    Ids shifted = {2};
    shifted.insert(shifted.end(), example.target.begin(), example.target.end() - 1);
    CHECK(example.decoder_input(tokenizer) == shifted);
  }

  SUBCASE("knowledge that is given stands in the source, and the target has none") {
    const kilm::objective::InfillObjective objective(
        tokenizer, {.mask_rate = 0, .knowledge_side = kilm::objective::KnowledgeSide::source});
    const kilm::objective::Example example = objective.make(kText, {chief_executive()}, {.seed = 1});
    CHECK(example.source == kPublished);
    CHECK(example.target == part(kPublished, 0, 21) + part(kPublished, 34, 44));
    CHECK(example.groups == std::vector<Group>(31, Group::copy));
  }

  SUBCASE("two mentions have their knowledge behind them") {
    const kilm::objective::InfillObjective objective(tokenizer, {.mask_rate = 0, .mentions = 2});
    const int64_t amazon = int64_t(kText.find("Amazon"));
    const kilm::dataset::Mention company{amazon, amazon + 6, "Amazon (company)", "American company"};
    const kilm::objective::Example example = objective.make(kText, {company, chief_executive()}, {.seed = 1});
    const Ids rest = tokenizer.encode(", since July 5, 2021.", {.prefix_space = true}) + Ids{2};
    CHECK(example.target == part(kPublished, 0, 35) + Ids{1437, 50265, 1645, 50266, 50267} +
                                objective.knowledge("Amazon (company)", "American company") + rest);
    CHECK(example.source == part(kPublished, 0, 22) + Ids{tokenizer.mask()} + part(kPublished, 33, 35) +
                                Ids{1437, 50265, 1645, 50266, 50267, tokenizer.mask(), 50268} + rest);
  }

  SUBCASE("a sentence changes its place with the mention in it, and not in the target") {
    const kilm::objective::InfillObjective objective(tokenizer, {.mask_rate = 0, .permute_sentences = 1});
    const Ids more = tokenizer.encode(" It sells books.");
    const Ids first = part(kPublished, 1, 22) + Ids{tokenizer.mask()} + part(kPublished, 33, 43);
    int swapped = 0;
    for (uint32_t window = 0; window < 100; ++window) {
      const kilm::objective::Example example =
          objective.make(kText + " It sells books.", {chief_executive()}, {.seed = 1, .window = window});
      CHECK(example.target == part(kPublished, 0, 43) + more + Ids{2});
      swapped += example.source == Ids{0} + more + first + Ids{2};
      CHECK((example.source == Ids{0} + more + first + Ids{2} || example.source == Ids{0} + first + more + Ids{2}));
    }
    CHECK(swapped > 30);
    CHECK(swapped < 70);
  }

  SUBCASE("inserted masks hide nothing, and stand in front of what is visible") {
    const kilm::objective::InfillObjective with(tokenizer, {.lambda = 1, .insert_masks = true}),
        without(tokenizer, {.lambda = 1});
    int64_t inserted = 0;
    for (uint32_t window = 0; window < 100; ++window) {
      const kilm::objective::SampleId id{.seed = 2, .window = window};
      const kilm::objective::Example a = with.make(kText, {chief_executive()}, id);
      const kilm::objective::Example b = without.make(kText, {chief_executive()}, id);
      CHECK(a.target == b.target);
      CHECK(a.groups == b.groups);
      inserted += int64_t(a.source.size()) - int64_t(b.source.size());
      const auto text = [&](Ids ids) {
        std::erase(ids, tokenizer.mask());
        return ids;
      };
      CHECK(text(a.source) == text(b.source));
    }
    CHECK(inserted > 200);  // of nine tokens' spans a third is empty
  }

  SUBCASE("every sample keeps the invariants") {
    const kilm::objective::InfillObjective objective(tokenizer, {});
    for (uint32_t window = 0; window < 500; ++window) {
      const kilm::objective::SampleId id{.seed = 7, .window = window, .epoch = window % 3};
      const kilm::objective::Example example = objective.make(kText, {chief_executive()}, id);
      REQUIRE(example.groups.size() == example.target.size());
      REQUIRE(example.source.front() == 0);
      REQUIRE(example.source.back() == 2);
      REQUIRE(example.target.size() == 44);
      // Walking both, a mask stands for a run of masked target tokens; everything else is equal.
      size_t at = 0;
      for (const int32_t token : example.source) {
        if (token == tokenizer.mask()) {
          const size_t begin = at;
          const Group group = example.groups[at];
          while (at < example.target.size() && example.groups[at] == group &&
                 example.target[at] != tokenizer.kilm_tokens().ent_desc_end)
            ++at;
          REQUIRE(at > begin);
        } else {
          REQUIRE(at < example.target.size());
          REQUIRE(example.target[at] == token);
          ++at;
        }
      }
      REQUIRE(at == example.target.size());
      // 26 tokens of context and 1 of the mention may be infilled: ceil(0.3 n) of them are.
      REQUIRE(std::count(example.groups.begin(), example.groups.end(), Group::infill) == 9);
      REQUIRE(std::count(example.groups.begin(), example.groups.end(), Group::knowledge) == 13);
      const kilm::objective::Example again = objective.make(kText, {chief_executive()}, id);
      REQUIRE(again.source == example.source);
    }
  }

  SUBCASE("too long a text loses context only") {
    const kilm::objective::InfillObjective objective(tokenizer, {.max_length = 32});
    const kilm::objective::Example example = objective.make(kText, {chief_executive()}, {.seed = 3});
    CHECK(example.target.size() == 32);
    CHECK(example.target.front() == 0);
    CHECK(example.target.back() == 2);
    CHECK(std::count(example.groups.begin(), example.groups.end(), Group::knowledge) == 13);
  }
}

// ---- Every invariant, over windows and settings drawn at random ----------------------------------------------------

namespace {

struct Window {
  std::string text;
  std::vector<std::string> names;  // that the mentions' views are of
  std::vector<kilm::dataset::Mention> mentions;
};

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  int64_t below(int64_t n) { return int64_t(engine_() % uint64_t(n)); }
  bool one_in(int64_t n) { return below(n) == 0; }
  template <class T>
  T of(std::initializer_list<T> values) {
    return values.begin()[below(int64_t(values.size()))];
  }

  std::string words(int64_t count) {
    std::string text;
    for (int64_t i = 0; i < count; ++i)
      text += (i > 0 ? " " : "") +
              std::string(of({"the",    "town", "Zürich", "東京",           "naïve",  "U.S.",       "Dr.",
                              "1,234",  "–",    "🙂",   "e\u0301t\u00e9", "(born",  "1990)",      "“so”",
                              "Yahoo!", "a",    "It",     "lies",           "<mask>", "Nürnberg’s", "\xff"}));
    return text;
  }

  // Makes sentences of a window; a word or some of them may be a mention, so may the first and the last.
  Window window() {
    Window window;
    const int64_t sentences = one_in(10) ? 0 : 1 + below(6), longest = one_in(5) ? 40 : 10;
    std::vector<std::pair<int64_t, int64_t>> spans;
    for (int64_t i = 0; i < sentences; ++i) {
      if (i > 0) window.text += of({" ", " ", " ", "  ", ""});
      for (int64_t left = 1 + below(longest); left > 0; --left) {
        const int64_t begin = int64_t(window.text.size());
        window.text += words(1 + below(2));
        if (one_in(6)) spans.emplace_back(begin, int64_t(window.text.size()));
        if (left > 1) window.text += of({" ", " ", " ", ", ", ""});
      }
      window.text += of({".", ".", "!", "?", "。", ".”", "", "..."});
    }
    window.names.reserve(2 * spans.size());
    for (const auto& [begin, end] : spans) {
      const std::string& title = window.names.emplace_back(words(one_in(8) ? 0 : 1 + below(3)));
      const std::string& description = window.names.emplace_back(words(one_in(10) ? 60 : below(8)));
      window.mentions.push_back({begin, end, title, description});
      if (one_in(10)) window.mentions.push_back({begin, end, description, title});  // overlaps
    }
    return window;
  }

  kilm::objective::InfillConfig config() {
    return {.mask_rate = of({0.0, 0.15, 0.3, 0.6, 0.95}),
            .lambda = of({0.5, 1.0, 3.0, 10.0}),
            .mask_mention = one_in(2),
            .insert_masks = one_in(2),
            .permute_sentences = of({0.0, 0.0, 0.5, 1.0}),
            .mentions = 1 + below(4),
            .knowledge_side = of({kilm::objective::KnowledgeSide::target, kilm::objective::KnowledgeSide::source}),
            .max_length = of({16, 24, 40, 64, 128, 512})};
  }

 private:
  std::mt19937_64 engine_;
};

// Takes an example apart and compares it with its window; says what is wrong, or nothing.
class Inspection {
 public:
  Inspection(const kilm::objective::InfillObjective& objective, const Window& window, kilm::objective::SampleId id)
      : objective_(objective), tokenizer_(objective.tokenizer()), config_(objective.config()), text_(window.text) {
    chosen_ = objective.choose(window.mentions, id);
    example_ = objective.make(text_, chosen_, id);
    expect_the_choice(window);
    if (wrong_.empty()) expect_the_ends();
    if (wrong_.empty()) expect_the_text();
    if (wrong_.empty()) expect_the_groups();
    if (wrong_.empty()) expect_the_source();
    const kilm::objective::Example again = objective.make(text_, chosen_, id);
    check(again.source == example_.source && again.target == example_.target, "a sample is not the same twice");
  }
  const std::string& wrong() const { return wrong_; }
  const kilm::objective::Example& example() const { return example_; }

 private:
  struct Token {
    int32_t id;
    bool maskable = false, component = false;
    int64_t begin = -1;  // byte of the text where a sentence may begin
    bool hidden = false;
  };
  using Tokens = std::vector<Token>;

  void check(bool right, const char* what) {
    if (!right && wrong_.empty()) wrong_ = what;
  }

  void expect_the_choice(const Window& window) {
    const auto overlap = [](const kilm::dataset::Mention& a, const kilm::dataset::Mention& b) {
      return a.begin < b.end && b.begin < a.end;
    };
    for (const kilm::dataset::Mention& a : chosen_)
      for (const kilm::dataset::Mention& b : chosen_) check(&a == &b || !overlap(a, b), "two chosen mentions overlap");
    if (std::ssize(chosen_) == config_.mentions) return;
    for (const kilm::dataset::Mention& m : window.mentions)
      check(std::any_of(chosen_.begin(), chosen_.end(), [&](const auto& c) { return overlap(c, m); }),
            "fewer mentions were chosen than there are");
  }

  void expect_the_ends() {
    const int32_t bos = tokenizer_.bos(), eos = tokenizer_.eos();
    for (const Ids* ids : {&example_.source, &example_.target}) {
      check(std::ssize(*ids) <= config_.max_length, "longer than max_length");
      check(ids->front() == bos && ids->back() == eos, "the ends are not <s> and </s>");
      check(std::count(ids->begin(), ids->end(), bos) == 1 && std::count(ids->begin(), ids->end(), eos) == 1,
            "<s> or </s> stands inside");
    }
    const Ids input = example_.decoder_input(tokenizer_);
    check(input == Ids{eos} + part(example_.target, 0, example_.target.size() - 1), "the decoder reads something else");
  }

  Tokens text_tokens(int64_t begin, int64_t end, bool maskable = true) const {
    Tokens tokens;
    if (begin == end) return tokens;
    const std::string_view part = std::string_view(text_).substr(size_t(begin), size_t(end - begin));
    for (const kilm::tokenizer::Token& t : tokenizer_.tokenize(part, {.prefix_space = true}))
      tokens.push_back({.id = t.id, .maskable = maskable, .begin = begin + t.begin});
    return tokens;
  }

  Tokens mention_tokens(const kilm::dataset::Mention& mention) const {
    const kilm::tokenizer::KilmTokens& t = tokenizer_.kilm_tokens();
    Tokens tokens = {{.id = t.ent, .begin = mention.begin}};
    for (Token token : text_tokens(mention.begin, mention.end, config_.mask_mention)) {
      token.begin = -1;
      tokens.push_back(token);
    }
    tokens.push_back({.id = t.ent_end});
    tokens.push_back({.id = t.ent_desc, .component = true});
    for (const int32_t id : objective_.knowledge(mention.title, mention.description))
      tokens.push_back({.id = id, .component = true});
    return tokens;
  }

  // Returns what goes from the first of `mentions`, which are in the order of the text, to behind the last.
  Tokens middle_of(const std::vector<kilm::dataset::Mention>& mentions) const {
    Tokens middle;
    for (size_t i = 0; i < mentions.size(); ++i) {
      const auto add = [&](const Tokens& more) { middle.insert(middle.end(), more.begin(), more.end()); };
      if (i > 0) add(text_tokens(mentions[i - 1].end, mentions[i].begin));
      add(mention_tokens(mentions[i]));
    }
    return middle;
  }

  std::vector<kilm::dataset::Mention> first_of_chosen(size_t count) const {
    std::vector<kilm::dataset::Mention> mentions(chosen_.begin(), chosen_.begin() + long(count));
    std::sort(mentions.begin(), mentions.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
    return mentions;
  }

  // Expects as many mentions as fit, the drawn order deciding. Around them is as much context as fits, from both sides
  // evenly.
  void expect_the_text() {
    const auto fits = [&](size_t n) { return std::ssize(middle_of(first_of_chosen(n))) + 2 <= config_.max_length; };
    size_t count = chosen_.size();
    while (!fits(count)) --count;
    kept_ = first_of_chosen(count);
    const Tokens middle = middle_of(kept_);
    const int64_t size = std::ssize(text_);
    const Tokens left = count > 0 ? text_tokens(0, kept_.front().begin) : Tokens();
    const Tokens right = text_tokens(count > 0 ? kept_.back().end : 0, size);
    const int64_t room = config_.max_length - 2 - std::ssize(middle), half = room / 2;
    int64_t a = std::ssize(left), b = std::ssize(right);
    if (a + b > room) {
      if (a <= room - half)
        b = room - a;
      else if (b <= half)
        a = room - b;
      else
        a = room - half, b = half;
    }
    whole_ = {{.id = tokenizer_.bos()}};
    whole_.insert(whole_.end(), left.end() - a, left.end());
    whole_.insert(whole_.end(), middle.begin(), middle.end());
    whole_.insert(whole_.end(), right.begin(), right.begin() + b);
    whole_.push_back({.id = tokenizer_.eos()});
    check(target_of(whole_) == example_.target, "the target is not the text with its mentions and what fits around");
  }

  bool given() const { return config_.knowledge_side == kilm::objective::KnowledgeSide::source; }

  Ids target_of(const Tokens& tokens) const {
    Ids ids;
    for (const Token& token : tokens)
      if (!token.component || !given()) ids.push_back(token.id);
    return ids;
  }

  void expect_the_groups() {
    const kilm::tokenizer::KilmTokens& t = tokenizer_.kilm_tokens();
    int64_t maskable = 0, infilled = 0;
    size_t at = 0;
    for (Token& token : whole_) {
      maskable += token.maskable;
      if (token.component && given()) continue;
      if (at == example_.groups.size()) return check(false, "there are fewer groups than target tokens");
      const Group group = example_.groups[at++];
      check((group == Group::knowledge) == token.component, "knowledge is not the group of components alone");
      check(group != Group::infill || token.maskable, "what may not be masked is");
      infilled += group == Group::infill;
      token.hidden =
          group == Group::infill || (token.component && token.id != t.ent_desc && token.id != t.ent_desc_end);
    }
    check(at == example_.groups.size(), "there are more groups than target tokens");
    check(infilled == int64_t(std::ceil(config_.mask_rate * double(maskable))), "another share is masked");
  }

  std::vector<Tokens> sentences() const {
    std::vector<Tokens> result(1);
    if (config_.permute_sentences == 0) return {{whole_.begin() + 1, whole_.end() - 1}};
    std::vector<size_t> ends = kilm::text::sentence_ends(text_, kilm::languages::sentence_rules({}));
    for (const kilm::dataset::Mention& m : kept_)
      std::erase_if(ends, [&](size_t end) { return m.begin < int64_t(end) && int64_t(end) < m.end; });
    size_t next = 0;
    for (size_t i = 1; i + 1 < whole_.size(); ++i) {
      const size_t before = next;
      while (next < ends.size() && int64_t(ends[next]) <= whole_[i].begin) ++next;
      if (next > before && !result.back().empty()) result.emplace_back();
      result.back().push_back(whole_[i]);
    }
    return result;
  }

  // Returns where the source goes on behind a sentence that stands at `at`; -1 if it does not stand there. A mask
  // stands for a run of hidden tokens, which may have begun before the sentence; inserted ones only in front of visible
  // text.
  int64_t behind(const Tokens& sentence, int64_t at, bool& hidden) const {
    const Ids& source = example_.source;
    for (const Token& token : sentence) {
      if (token.hidden) {
        if (!hidden && source[size_t(at++)] != tokenizer_.mask()) return -1;
      } else {
        if (config_.insert_masks && token.maskable)
          while (source[size_t(at)] == tokenizer_.mask()) ++at;
        if (source[size_t(at++)] != token.id) return -1;
      }
      hidden = token.hidden;
      if (at >= std::ssize(source)) return -1;
    }
    return at;
  }

  bool follow(const std::vector<Tokens>& sentences, std::vector<bool> used, int64_t at, bool hidden) const {
    if (std::count(used.begin(), used.end(), false) == 0) return at + 1 == std::ssize(example_.source);
    for (size_t i = 0; i < sentences.size(); ++i) {
      if (used[i]) continue;
      bool now = hidden;
      const int64_t next = behind(sentences[i], at, now);
      if (next < 0) continue;
      used[i] = true;
      if (follow(sentences, used, next, now)) return true;
      used[i] = false;
    }
    return false;
  }

  void expect_the_source() {
    const std::vector<Tokens> all = sentences();
    check(follow(all, std::vector<bool>(all.size()), 1, false),
          "the source is not the sentences of the target with a mask for each run of hidden tokens");
  }

  const kilm::objective::InfillObjective& objective_;
  const kilm::tokenizer::Tokenizer& tokenizer_;
  const kilm::objective::InfillConfig config_;
  const std::string& text_;
  std::vector<kilm::dataset::Mention> chosen_, kept_;
  kilm::objective::Example example_;
  Tokens whole_;  // source and target before any noise
  std::string wrong_;
};

// Returns one that learnt from the golden text of the tokenizer's tests.
kilm::tokenizer::Tokenizer learnt_tokenizer() {
  kilm::tokenizer::TokenizerTrainer trainer;
  trainer.add(base::read_file(KILM_SOURCE_DIR "/tests/fixtures/tokenizer-golden/text.txt"));
  kilm::tokenizer::Tokenizer tokenizer = trainer.train(600);
  tokenizer.add_kilm_tokens();
  return tokenizer;
}

std::string described(const kilm::objective::InfillConfig& c) {
  return base::format(
      "mask_rate {} lambda {} mask_mention {} insert_masks {} permute_sentences {} mentions {} given {} max_length {}",
      c.mask_rate, c.lambda, c.mask_mention, c.insert_masks, c.permute_sentences, c.mentions,
      c.knowledge_side == kilm::objective::KnowledgeSide::source, c.max_length);
}

}  // namespace

TEST_CASE("ten thousand windows under any settings keep the invariants") {
  const kilm::tokenizer::Tokenizer tokenizer = learnt_tokenizer();
  int64_t full = 0, with_knowledge = 0, several = 0;
  for (uint64_t seed = 1; seed <= 10000; ++seed) {
    Random random(seed);
    const Window window = random.window();
    const kilm::objective::InfillConfig config = random.config();
    const kilm::objective::InfillObjective objective(tokenizer, config);
    const kilm::objective::SampleId id{.seed = seed, .window = uint32_t(seed % 100), .epoch = uint32_t(seed % 7)};
    const Inspection inspection(objective, window, id);
    INFO("seed ", seed, ": ", described(config));
    INFO(window.text);
    REQUIRE_MESSAGE(inspection.wrong().empty(), inspection.wrong());
    const Ids& target = inspection.example().target;
    const int64_t mentions = std::count(target.begin(), target.end(), tokenizer.kilm_tokens().ent);
    full += std::ssize(target) == config.max_length;
    with_knowledge += mentions > 0;
    several += mentions > 1;
  }
  CHECK(full > 2000);
  CHECK(with_knowledge > 4000);
  CHECK(several > 1000);
}

TEST_CASE("mentions are chosen uniformly and without replacement") {
  const kilm::tokenizer::Tokenizer tokenizer = learnt_tokenizer();
  const kilm::objective::InfillObjective objective(tokenizer, {.mentions = 2});
  const std::vector<kilm::dataset::Mention> mentions = {{0, 1, "", ""}, {2, 4, "", ""}, {4, 6, "", ""}, {8, 9, "", ""}};
  std::map<std::pair<int64_t, int64_t>, int> pairs;
  for (uint32_t window = 0; window < 12000; ++window) {
    const auto chosen = objective.choose(mentions, {.seed = 1, .window = window});
    REQUIRE(chosen.size() == 2);
    ++pairs[{chosen[0].begin, chosen[1].begin}];
  }
  REQUIRE(pairs.size() == 12);
  for (const auto& [pair, count] : pairs) CHECK(count == doctest::Approx(1000).epsilon(0.15));
  CHECK(objective.choose({}, {}).empty());
}

TEST_CASE("another epoch shows another mention and other masks") {
  const kilm::tokenizer::Tokenizer tokenizer = learnt_tokenizer();
  const kilm::objective::InfillObjective objective(tokenizer, {.insert_masks = true, .permute_sentences = 1});
  const std::string text = "The town lies here. It is old. Nobody knows why. Ask them.";
  const std::vector<kilm::dataset::Mention> mentions = {{4, 8, "Town", "a place"}, {33, 39, "Nobody", "no one"}};
  std::set<Ids> sources, targets;
  for (uint32_t epoch = 0; epoch < 20; ++epoch) {
    const kilm::objective::SampleId id{.seed = 1, .epoch = epoch};
    const kilm::objective::Example example = objective.make(text, objective.choose(mentions, id), id);
    sources.insert(example.source);
    targets.insert(example.target);
  }
  CHECK(sources.size() == 20);
  CHECK(targets.size() == 2);
}

TEST_CASE("settings of the noise that make no sense are refused") {
  const kilm::tokenizer::Tokenizer tokenizer = learnt_tokenizer();
  const auto refused = [&](const kilm::objective::InfillConfig& config, const char* message) {
    CHECK_THROWS_WITH_AS(kilm::objective::InfillObjective(tokenizer, config), message, base::UsageError);
  };
  refused({.lambda = 1e-9}, "lambda: 1e-09 should be in [0.01, 500]");  // drew lengths without end
  refused({.lambda = 1e9}, "lambda: 1000000000 should be in [0.01, 500]");
  refused({.permute_sentences = 1.5}, "permute sentences: 1.5 should be in [0, 1]");
  refused({.mentions = 0}, "mentions per window: 0 should be at least 1");
}
