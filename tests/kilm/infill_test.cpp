#include "kilm/objective/infill.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>
#include <sstream>

#include "kilm/corpus/sentence.h"
#include "kilm/tokenizer/train.h"
#include "tensor/error.h"
#include "tensor/format.h"
#include "tensor/io/file.h"

using kilm::Group;

namespace {

using Ids = std::vector<int32_t>;

const std::string kReal = KILM_SOURCE_DIR "/../shared/data/bart-tokenizer";

const std::string kText =
    "Andrew R. Jassy is an American business executive who has been the president and CEO of Amazon, since July 5, "
    "2021.";

kilm::Mention chief_executive() {
  const int64_t begin = int64_t(kText.find("CEO"));
  return {begin, begin + 3, "Chief executive officer", "Highest-ranking corporate officer or administrator"};
}

const Ids kPublished = {0,     2224, 248,  4,     344,   27633, 16,    41,    470,  265,   1031,
                        54,    34,   57,   5,     394,   8,     1437,  50265, 1324, 50266, 50267,
                        1231,  1031, 1036, 50269, 36136, 12,    19217, 2365,  1036, 50,    11417,
                        50268, 9,    1645, 6,     187,   550,   195,   6,     8835, 4,     2};

Ids operator+(Ids a, const Ids& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Ids part(const Ids& ids, size_t begin, size_t end) { return {ids.begin() + long(begin), ids.begin() + long(end)}; }

}  // namespace

// The worked example of kilm.md B1 needs BART's vocabulary, which is not part of this project.
TEST_CASE("the objective's example" * doctest::skip(!std::filesystem::exists(kReal))) {
  kilm::Tokenizer tokenizer = kilm::Tokenizer::load(kReal);
  CHECK_THROWS_AS(kilm::InfillObjective(tokenizer, {}), tensor::Error);
  tokenizer.add_kilm_tokens();

  SUBCASE("without infilling it is the published pair but for its spans") {
    const kilm::InfillObjective objective(tokenizer, {.mask_rate = 0});
    const kilm::Example example = objective.make(kText, {chief_executive()}, {.seed = 1});
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
    const kilm::InfillObjective objective(
        tokenizer, {.mask_rate = 0, .knowledge_side = kilm::KnowledgeSide::source});
    const kilm::Example example = objective.make(kText, {chief_executive()}, {.seed = 1});
    CHECK(example.source == kPublished);
    CHECK(example.target == part(kPublished, 0, 21) + part(kPublished, 34, 44));
    CHECK(example.groups == std::vector<Group>(31, Group::copy));
  }

  SUBCASE("two mentions have their knowledge behind them") {
    const kilm::InfillObjective objective(tokenizer, {.mask_rate = 0, .mentions = 2});
    const int64_t amazon = int64_t(kText.find("Amazon"));
    const kilm::Mention company{amazon, amazon + 6, "Amazon (company)", "American company"};
    const kilm::Example example = objective.make(kText, {company, chief_executive()}, {.seed = 1});
    const Ids rest = tokenizer.encode(", since July 5, 2021.", {.prefix_space = true}) + Ids{2};
    CHECK(example.target == part(kPublished, 0, 35) + Ids{1437, 50265, 1645, 50266, 50267} +
                                objective.knowledge("Amazon (company)", "American company") + rest);
    CHECK(example.source == part(kPublished, 0, 22) + Ids{tokenizer.mask()} + part(kPublished, 33, 35) +
                                Ids{1437, 50265, 1645, 50266, 50267, tokenizer.mask(), 50268} + rest);
  }

  SUBCASE("a sentence changes its place with the mention in it, and not in the target") {
    const kilm::InfillObjective objective(tokenizer, {.mask_rate = 0, .permute_sentences = 1});
    const Ids more = tokenizer.encode(" It sells books.");
    const Ids first = part(kPublished, 1, 22) + Ids{tokenizer.mask()} + part(kPublished, 33, 43);
    int swapped = 0;
    for (uint32_t window = 0; window < 100; ++window) {
      const kilm::Example example =
          objective.make(kText + " It sells books.", {chief_executive()}, {.seed = 1, .window = window});
      CHECK(example.target == part(kPublished, 0, 43) + more + Ids{2});
      swapped += example.source == Ids{0} + more + first + Ids{2};
      CHECK((example.source == Ids{0} + more + first + Ids{2} || example.source == Ids{0} + first + more + Ids{2}));
    }
    CHECK(swapped > 30);
    CHECK(swapped < 70);
  }

  SUBCASE("inserted masks hide nothing, and stand in front of what is visible") {
    const kilm::InfillObjective with(tokenizer, {.lambda = 1, .insert_masks = true}), without(tokenizer, {.lambda = 1});
    int64_t inserted = 0;
    for (uint32_t window = 0; window < 100; ++window) {
      const kilm::SampleId id{.seed = 2, .window = window};
      const kilm::Example a = with.make(kText, {chief_executive()}, id);
      const kilm::Example b = without.make(kText, {chief_executive()}, id);
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
    const kilm::InfillObjective objective(tokenizer, {});
    for (uint32_t window = 0; window < 500; ++window) {
      const kilm::SampleId id{.seed = 7, .window = window, .epoch = window % 3};
      const kilm::Example example = objective.make(kText, {chief_executive()}, id);
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
      const kilm::Example again = objective.make(kText, {chief_executive()}, id);
      REQUIRE(again.source == example.source);
    }
  }

  SUBCASE("too long a text loses context only") {
    const kilm::InfillObjective objective(tokenizer, {.max_length = 32});
    const kilm::Example example = objective.make(kText, {chief_executive()}, {.seed = 3});
    CHECK(example.target.size() == 32);
    CHECK(example.target.front() == 0);
    CHECK(example.target.back() == 2);
    CHECK(std::count(example.groups.begin(), example.groups.end(), Group::knowledge) == 13);
  }
}
