#include "kilm/probing/cloze_data.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"
#include "tests/kilm/vocabulary.h"

using kilm::probing::Candidates;
using kilm::probing::ClozeData;

namespace {

std::string line(const std::string& object, const std::string& more = "") {
  return "{\"sub_label\": \"S\", \"obj_label\": \"" + object + "\", \"masked_sentences\": [\"S [MASK]\"]" + more +
         "}\n";
}

}  // namespace

TEST_CASE("clozes come from one file after another; each relation's objects are its candidates") {
  const Folder folder;
  folder.write("a.jsonl", line("x") + line("y") + line("x"));
  folder.write("b.jsonl", line("z", ", \"predicate_id\": \"a\"") + line("z"));
  ClozeData data({folder / "a.jsonl", folder / "b.jsonl"}, {}, std::nullopt);
  CHECK(data.size() == 5);
  CHECK(data.candidates("a").size() == 3);
  CHECK(data.candidates("a").word(2) == "z");
  CHECK(data.candidates("b").size() == 1);
  CHECK(data.next(2).size() == 2);
  const auto rest = data.next(9);
  REQUIRE(rest.size() == 3);
  CHECK(rest[1].relation == "a");
  CHECK(rest[2].relation == "b");
  CHECK(data.next(9).empty());
}

TEST_CASE("given candidates are those of every relation") {
  const Folder folder;
  folder.write("a.jsonl", line("x"));
  Candidates words;
  words.add("y");
  const ClozeData data({folder / "a.jsonl"}, {}, words);
  CHECK(data.candidates("a").size() == 1);
  CHECK(data.candidates("any").word(0) == "y");
}

TEST_CASE("damage of a later file shows at once, and what cannot be read twice is refused") {
  const Folder folder;
  folder.write("a.jsonl", line("x"));
  folder.write("b.jsonl", line("x") + "{}\n");
  folder.write("empty.jsonl", "");
  const auto open = [&](const std::string& path) { ClozeData({folder / "a.jsonl", path}, {}, std::nullopt); };
  CHECK_THROWS_WITH_AS(open(folder / "b.jsonl"), doctest::Contains("b.jsonl: line 2: no entry"), base::DamagedInput);
  CHECK_THROWS_AS(open(folder / "empty.jsonl"), base::DamagedInput);
  CHECK_THROWS_AS(open("/dev/null"), base::UsageError);
  CHECK_THROWS_WITH_AS(open("-"), doctest::Contains("read twice"), base::UsageError);
  CHECK_THROWS_AS(open(folder / "none"), base::Error);
}

TEST_CASE("a candidate of too many tokens is named with its file, and its line in a file of clozes") {
  const Folder folder;
  const kilm::tokenizer::Tokenizer tokenizer = small_tokenizer();
  folder.write("a.jsonl", line("ab"));
  folder.write("b.jsonl", line("a") + line("abcdefgh"));
  ClozeData own({folder / "a.jsonl", folder / "b.jsonl"}, {}, std::nullopt);
  own.tokenize(tokenizer);
  const int64_t longest = own.candidates("b").longest();
  own.check_longest(longest);
  CHECK_THROWS_WITH_AS(own.check_longest(longest - 1), doctest::Contains("b.jsonl: line 2: \"abcdefgh\" has "),
                       base::DamagedInput);
  CHECK(own.next(9).size() == 3);
  folder.write("words", "a\nabcdefgh\n");
  ClozeData common({folder / "a.jsonl"}, {}, kilm::probing::read_candidates(folder / "words"));
  common.tokenize(tokenizer);
  common.check_longest(longest);
  CHECK_THROWS_WITH_AS(common.check_longest(longest - 1), doctest::Contains("words: \"abcdefgh\" has "),
                       base::DamagedInput);
}
