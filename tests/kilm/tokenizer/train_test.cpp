#include "kilm/tokenizer/train.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <sstream>

#include "kilm/tokenizer/pre_tokenize.h"
#include "tensor/base/error.h"
#include "tensor/base/file.h"
#include "tensor/base/json.h"

using kilm::tokenizer::Tokenizer;
using kilm::tokenizer::TokenizerTrainer;

namespace {

const std::string kGolden = KILM_SOURCE_DIR "/tests/fixtures/tokenizer-golden/";

std::vector<std::string> lines_of(const std::string& path) {
  std::stringstream text(base::read_file(path));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line + "\n");
  return lines;
}

// Follows the definition: count every pair anew before each merge. Symbols are bytes of the text, so it learns no more
// from bytes that are printed as others. Equal counts go to the smaller pair of ids.
std::vector<std::string> learn_slowly(const std::string& text, size_t merges) {
  std::vector<std::vector<int>> words;
  kilm::tokenizer::for_words(text, [&](std::string_view word) { words.emplace_back(word.begin(), word.end()); });
  std::vector<std::string> pieces(128);
  for (int b = 0; b < 128; ++b) pieces[size_t(b)] = std::string(1, char(b));
  while (pieces.size() < 128 + merges) {
    std::map<std::pair<int, int>, int> counts;
    for (const auto& word : words)
      for (size_t i = 0; i + 1 < word.size(); ++i) ++counts[{word[i], word[i + 1]}];
    auto best = counts.begin();
    for (auto it = counts.begin(); it != counts.end(); ++it)
      if (it->second > best->second) best = it;
    if (best == counts.end()) break;
    const auto [left, right] = best->first;
    for (auto& word : words) {
      for (size_t i = 0; i + 1 < word.size(); ++i) {
        if (word[i] != left || word[i + 1] != right) continue;
        word[i] = int(pieces.size());
        word.erase(word.begin() + long(i) + 1);
      }
    }
    pieces.push_back(pieces[size_t(left)] + pieces[size_t(right)]);
  }
  return {pieces.begin() + 128, pieces.end()};
}

}  // namespace

TEST_CASE("what is learnt is what counting every pair anew would learn") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    unsigned state = seed * 2654435761u;
    std::string text;
    for (int i = 0; i < 300; ++i) {
      state = state * 1664525 + 1013904223;
      text += "abcd1.."[state >> 24 & (seed % 2 ? 3 : 7)];  // the last is the end of the literal
    }
    std::erase(text, '\0');
    TokenizerTrainer trainer;
    trainer.add(text);
    const std::vector<std::string> expected = learn_slowly(text, 60);
    const Tokenizer tokenizer = trainer.train(261 + 60);
    REQUIRE(tokenizer.size() == int64_t(261 + expected.size()));
    for (size_t i = 0; i < expected.size(); ++i) CHECK(tokenizer.decode({int32_t(260 + i)}) == expected[i]);
  }
}

TEST_CASE("a text without more pairs ends the learning, and an impossible size is refused") {
  TokenizerTrainer trainer;
  CHECK_THROWS_AS(trainer.train(300), base::Error);
  trainer.add("aaa aaa");  // "aa", "aaa", " aaa"
  CHECK(trainer.train(300).size() == 264);
  CHECK_THROWS_WITH_AS(trainer.train(260),
                       "vocab size: 260 should be at least 261, for the bytes and the special tokens",
                       base::UsageError);
}

TEST_CASE("a word of one letter takes no time worth telling") {
  TokenizerTrainer trainer;
  trainer.add(std::string(1 << 18, 'a'));
  CHECK(trainer.train(400).size() == 261 + 18);  // doubled 18 times
}

// tests/fixtures/make_tokenizer_golden.py
TEST_CASE("merges and ids are those of Hugging Face's tokenizers") {
  TokenizerTrainer trainer;
  for (const std::string& line : lines_of(kGolden + "text.txt")) trainer.add(line);
  const Tokenizer tokenizer = trainer.train(600);
  const std::string folder = std::filesystem::temp_directory_path() / ("kilm-train-test-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  tokenizer.save(folder);
  CHECK(base::read_file(folder + "/merges.txt") == base::read_file(kGolden + "merges.txt"));
  const Tokenizer again = Tokenizer::load(folder);
  CHECK(again.fingerprint() == tokenizer.fingerprint());
  std::filesystem::remove_all(folder);
  int cases = 0;
  for (const std::string& line : lines_of(kGolden + "encodings.jsonl")) {
    const base::Json json = base::parse_json(line, "encodings.jsonl");
    std::vector<int32_t> expected;
    for (const base::Json& id : json.at("ids").items()) expected.push_back(int32_t(id.as_int()));
    const std::string& text = json.at("text").as_string();
    INFO(line);
    CHECK(again.encode(text, {.prefix_space = json.at("prefix_space").as_bool(), .parse_special = true}) == expected);
    CHECK(again.decode(again.encode(text)) == text);
    ++cases;
  }
  CHECK(cases > 100);
}
