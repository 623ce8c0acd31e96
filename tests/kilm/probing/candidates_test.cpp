#include "kilm/probing/candidates.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"
#include "tests/kilm/vocabulary.h"

using kilm::probing::Candidates;

namespace {

std::string complaint(const Folder& folder, const std::string& text) {
  folder.write("words", text);
  try {
    kilm::probing::read_candidates(folder / "words");
  } catch (const base::DamagedInput& error) {
    return std::string(error.what()).substr((folder / "words").size() + 2);
  }
  return "";
}

}  // namespace

TEST_CASE("candidates: each word stands once, where it came first") {
  Candidates candidates;
  for (const char* word : {"the", "a", "the", "é"}) candidates.add(word);
  REQUIRE(candidates.size() == 3);
  CHECK(candidates.word(2) == "é");
  CHECK(candidates.find("a") == 1);
  CHECK(!candidates.find("b"));
}

TEST_CASE("candidates: words of one token and longer ones, with a space in front and without") {
  const kilm::tokenizer::Tokenizer tokenizer = small_tokenizer();
  Candidates candidates;
  for (const char* word : {"a", "the", "a the"}) candidates.add(word);
  candidates.tokenize(tokenizer);
  const kilm::probing::CandidateTokens &behind = candidates.tokens(true), &plain = candidates.tokens(false);
  REQUIRE(behind.single.size() == 1);
  CHECK(behind.single[0].word == 1);
  CHECK(behind.single[0].token == tokenizer.encode(" the").at(0));
  REQUIRE(behind.longer.size() == 2);
  CHECK(behind.longer[0].tokens == tokenizer.encode(" a"));
  CHECK(behind.longest == 3);
  REQUIRE(plain.single.size() == 2);
  CHECK(plain.single[0].token == tokenizer.encode("a").at(0));
  CHECK(plain.longest == 2);
  CHECK(candidates.longest() == 3);
  CHECK(behind.find_longer(2) == &behind.longer[1]);
  CHECK(behind.find_longer(1) == nullptr);
}

TEST_CASE("candidates: a file has a word on each line; what is none is named") {
  const Folder folder;
  folder.write("words", "tea\nNew York\ntea\n\xc3\xa9");
  CHECK(kilm::probing::read_candidates(folder / "words").size() == 3);
  folder.write("words", "tea\r\nNew York\r\ntea\n");
  const Candidates windows = kilm::probing::read_candidates(folder / "words");
  CHECK(windows.size() == 2);
  CHECK(windows.word(1) == "New York");
  CHECK(complaint(folder, "a\n\r\n") == "line 2: is empty, it should be a word");
  CHECK(complaint(folder, "") == "there is no line");
  CHECK(complaint(folder, "a\n\nb") == "line 2: is empty, it should be a word");
  CHECK(complaint(folder, "a\n\xc3\n") == "line 2: is no UTF-8");
}
