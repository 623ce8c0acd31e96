#include "kilm/tokenizer/tokenizer.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "kilm/tokenizer/pre_tokenize.h"
#include "tensor/error.h"
#include "tensor/io/json.h"

using kilm::Tokenizer;

namespace {

using Ids = std::vector<int32_t>;

struct Folder {
  Folder() : path(std::filesystem::temp_directory_path() / ("kilm-tokenizer-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path / name) << text; }
  std::filesystem::path path;
};

// The smallest vocabulary: special tokens, 256 bytes, two merges.
std::string small_vocabulary() {
  tensor::Json::Object members;
  int64_t id = 0;
  for (const char* token : {"<s>", "<pad>", "</s>", "<unk>"}) members.emplace_back(token, tensor::Json(id++));
  int next = 0x100;
  for (int b = 0; b < 256; ++b) {
    const bool prints = (b >= 0x21 && b <= 0x7E) || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
    const int c = prints ? b : next++;
    const std::string character =
        c < 0x80 ? std::string(1, char(c)) : std::string{char(0xC0 | c >> 6), char(0x80 | (c & 63))};
    members.emplace_back(character, tensor::Json(id++));
  }
  for (const char* token : {"ab", "abc", "<mask>"}) members.emplace_back(token, tensor::Json(id++));
  return tensor::Json::object(std::move(members)).dump();
}

const std::string kReal = std::string(KILM_SOURCE_DIR) + "/../shared/data/bart-tokenizer";

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> result;
  kilm::for_words(text, [&](std::string_view word) { result.emplace_back(word); });
  return result;
}

}  // namespace

TEST_CASE("text is cut into words as GPT-2 cuts it") {
  CHECK(words("It's 12 o'clock, isn't it?") ==
        std::vector<std::string>{"It", "'s", " 12", " o", "'", "clock", ",", " isn", "'t", " it", "?"});
  CHECK(words("a  b\n") == std::vector<std::string>{"a", " ", " b", "\n"});
  CHECK(words("  ") == std::vector<std::string>{"  "});
  CHECK(words("é\xff z") == std::vector<std::string>{"é", "\xff", " z"});
  CHECK(words("").empty());
}

TEST_CASE("bytes of any kind come back") {
  const Folder folder;
  folder.write("vocab.json", small_vocabulary());
  folder.write("merges.txt", "#version: 0.2\na b\nab c\n");
  Tokenizer tokenizer = Tokenizer::load(folder.path);
  CHECK(tokenizer.encode("abcab").size() == 2);
  CHECK(tokenizer.encode("").empty());
  std::string all;
  for (int i = 0; i < 3 * 256; ++i) all += char(i * 7 + i / 256);
  CHECK(tokenizer.decode(tokenizer.encode(all)) == all);
  const std::string longest(300000, 'a');
  CHECK(tokenizer.decode(tokenizer.encode(longest)) == longest);
  CHECK_THROWS_AS(tokenizer.decode({int32_t(tokenizer.size())}), tensor::Error);

  SUBCASE("special tokens are read where asked for, and <mask> takes the space before it") {
    const Ids plain = tokenizer.encode("ab <mask>"), special = tokenizer.encode("ab <mask>", {.parse_special = true});
    CHECK(plain.size() > 2);
    CHECK(special == Ids{260, tokenizer.mask()});
  }
  SUBCASE("tokens know their bytes") {
    const std::string text = "abc \xC3\xA9 <mask>ab";
    for (const bool prefix_space : {false, true}) {
      const auto tokens = tokenizer.tokenize(text, {.prefix_space = prefix_space, .parse_special = true});
      int64_t end = 0;
      for (const kilm::Token& token : tokens) {
        CHECK(token.begin == end);
        end = token.end;
      }
      CHECK(end == int64_t(text.size()));
      CHECK(tokens[tokens.size() - 1].begin == 13);
      CHECK(tokens[tokens.size() - (prefix_space ? 3 : 2)].id == tokenizer.mask());
      CHECK(tokens[0].end == (prefix_space ? 0 : 3));  // a space of its own, or abc
    }
  }
  SUBCASE("the tokens of KILM survive saving and loading") {
    const std::string before = tokenizer.fingerprint();
    CHECK_THROWS_AS(tokenizer.kilm_tokens(), tensor::Error);
    tokenizer.add_kilm_tokens();
    CHECK(tokenizer.kilm_tokens().ent == 263);
    CHECK(tokenizer.kilm_tokens().sep == 267);
    CHECK(tokenizer.fingerprint() != before);
    tokenizer.save(folder.path);
    const Tokenizer again = Tokenizer::load(folder.path);
    CHECK(again.fingerprint() == tokenizer.fingerprint());
    CHECK(again.kilm_tokens().sep == 267);
  }
}

TEST_CASE("broken files are refused with file and place") {
  const Folder folder;
  const std::string vocab = folder.path / "vocab.json", merges = folder.path / "merges.txt";
  folder.write("vocab.json", small_vocabulary());
  folder.write("merges.txt", "a b\nx yz\n");
  CHECK_THROWS_WITH_AS(Tokenizer::load(folder.path), (merges + ": line 2: yz is no token of the vocabulary").c_str(),
                       tensor::DamagedInput);
  folder.write("merges.txt", "a b\na b\n");
  CHECK_THROWS_WITH_AS(Tokenizer::load(folder.path), (merges + ": line 2: a b is merged already").c_str(),
                       tensor::DamagedInput);
  folder.write("merges.txt", "ab\n");
  CHECK_THROWS_WITH_AS(Tokenizer::load(folder.path),
                       (merges + ": line 1: should be two tokens with one space between them").c_str(),
                       tensor::DamagedInput);
  folder.write("vocab.json", "{\"<s>\": 0, \"<pad>\": 0}");
  CHECK_THROWS_WITH_AS(Tokenizer::load(folder.path), (vocab + ": id 0 is given to <s> and to <pad>").c_str(),
                       tensor::DamagedInput);
  folder.write("vocab.json", "{\"<s>\": 7}");
  CHECK_THROWS_WITH_AS(Tokenizer::load(folder.path),
                       (vocab + ": token <s> has id 7; 1 tokens need ids from 0 without a gap").c_str(),
                       tensor::DamagedInput);
}

// Published vectors of BART's tokenizer (kilm.md I6); its vocabulary is not part of this project.
TEST_CASE("BART's ids" * doctest::skip(!std::filesystem::exists(kReal))) {
  const Tokenizer tokenizer = Tokenizer::load(kReal);
  CHECK(tokenizer.encode("Hello world") == Ids{31414, 232});
  CHECK(tokenizer.encode(" Hello world") == Ids{20920, 232});
  CHECK(tokenizer.encode("Hello world!") == Ids{31414, 232, 328});
  CHECK(tokenizer.encode("world") == Ids{8331});
  CHECK(tokenizer.encode("A, <mask> AllenNLP sentence.", {.parse_special = true}) ==
        Ids{250, 6, 50264, 3823, 487, 21992, 3645, 4});
  CHECK(tokenizer.encode("A long paragraph for summarization.") == Ids{250, 251, 17818, 13, 39186, 1938, 4});
  CHECK(tokenizer.encode("\n") == Ids{50118});
}
