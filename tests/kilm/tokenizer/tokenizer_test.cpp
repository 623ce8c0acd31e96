#include "kilm/tokenizer/tokenizer.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <tuple>

#include "kilm/tokenizer/pre_tokenize.h"
#include "tensor/base/error.h"
#include "tensor/base/file.h"
#include "tensor/base/json.h"
#include "tests/kilm/vocabulary_files.h"

using kilm::tokenizer::Tokenizer;

namespace {

using Ids = std::vector<int32_t>;

// Returns the smallest vocabulary: special tokens, 256 bytes, two merges.
std::string small_vocabulary() { return byte_vocabulary({"ab", "abc", "<mask>"}); }

const std::string kReal = KILM_SOURCE_DIR "/../shared/data/bart-tokenizer";

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> result;
  kilm::tokenizer::for_words(text, [&](std::string_view word) { result.emplace_back(word); });
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
  // U+105C0 is a letter and U+1CCF0 a number since Unicode 16.
  CHECK(words("a\xF0\x90\x97\x80\xF0\x9C\xB3\xB0"
              "1") == std::vector<std::string>{"a\xF0\x90\x97\x80",
                                               "\xF0\x9C\xB3\xB0"
                                               "1"});
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
  CHECK_THROWS_AS(tokenizer.decode({int32_t(tokenizer.size())}), base::Error);

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
      for (const kilm::tokenizer::Token& token : tokens) {
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
    CHECK_THROWS_AS(tokenizer.kilm_tokens(), base::Error);
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

TEST_CASE("added tokens keep their rules, and the longest that fits is found") {
  const Folder folder;
  folder.write("vocab.json", small_vocabulary());
  folder.write("merges.txt", "#version: 0.2\na b\nab c\n");
  Tokenizer::load(folder.path).save(folder.path);
  const std::string file = folder.path / "tokenizer.json";
  std::string text = base::read_file(file);
  const std::string last = "\"special\": true\n    }\n  ],";
  REQUIRE(text.find(last) != std::string::npos);
  text.replace(text.find(last), last.size(), R"("special": true},
    {"id": 263, "content": "<mask><mask>", "lstrip": false, "rstrip": true, "special": false}],)");
  folder.write("tokenizer.json", text);
  const Tokenizer tokenizer = Tokenizer::load(folder.path);
  const auto tokens = tokenizer.tokenize("ab\u2003<mask><mask> \u3000ab<mask>", {.parse_special = true});
  REQUIRE(tokens.size() == 7);  // ab, three bytes of white space, the long token with what follows it, ab, <mask>
  CHECK(tokens[4].id == 263);
  CHECK(tokens[4].begin == 5);
  CHECK(tokens[4].end == 21);
  CHECK(tokens[6].id == 262);
  tokenizer.save(folder.path);
  CHECK(base::read_json_file(file).at("added_tokens").items().back().at("rstrip").as_bool());
  CHECK(!base::read_json_file(file).at("added_tokens").items().back().at("special").as_bool());
}

TEST_CASE("tokenizer.json alone is a tokenizer, and older files beside it must agree") {
  const Folder folder;
  const std::string at = folder.path;
  folder.write("vocab.json", small_vocabulary());
  folder.write("merges.txt", "#version: 0.2\na b\nab c\n");
  Tokenizer tokenizer = Tokenizer::load(at);
  tokenizer.add_kilm_tokens();
  tokenizer.save(at);
  folder.write("merges.txt", "#version: 0.2\na b\n");
  CHECK_THROWS_WITH_AS(Tokenizer::load(at), (at + ": tokenizer.json and merges.txt have different merges").c_str(),
                       base::DamagedInput);
  folder.write("merges.txt", "a b\nab c\n");
  folder.write("added_tokens.json", "{\"<other>\": 263}");
  CHECK_THROWS_WITH_AS(
      Tokenizer::load(at),
      (at + ": id 263 is <ent> in tokenizer.json and <other> in vocab.json or added_tokens.json").c_str(),
      base::DamagedInput);
  for (const char* name : {"added_tokens.json", "vocab.json", "merges.txt"})
    std::filesystem::remove(folder.path / name);
  CHECK(Tokenizer::load(at).fingerprint() == tokenizer.fingerprint());
  std::filesystem::remove(folder.path / "tokenizer.json");
  CHECK_THROWS_WITH_AS(Tokenizer::load(at),
                       (at + ": there is no tokenizer.json and no vocab.json with merges.txt").c_str(),
                       base::DamagedInput);
  folder.write("merges.txt", "a b\n");
  CHECK_THROWS_WITH_AS(Tokenizer::load(at), (at + ": there is merges.txt without vocab.json").c_str(),
                       base::DamagedInput);
  REQUIRE(mkfifo((folder.path / "vocab.json").c_str(), 0666) == 0);
  CHECK_THROWS_WITH_AS(Tokenizer::load(at), (at + "/vocab.json: should be a file, or a link to one").c_str(),
                       base::DamagedInput);
}

TEST_CASE("merges with the line ends of Windows are the same merges") {
  const Folder folder;
  folder.write("vocab.json", small_vocabulary());
  folder.write("merges.txt", "#version: 0.2\na b\nab c\n");
  const std::string fingerprint = Tokenizer::load(folder.path).fingerprint();
  folder.write("merges.txt", "\xEF\xBB\xBF#version: 0.2\r\na b\r\nab c\r\n");
  CHECK(Tokenizer::load(folder.path).fingerprint() == fingerprint);
}

TEST_CASE("a vocabulary with some of the tokens of KILM gets the rest when they are added, and not before") {
  const Folder folder;
  folder.write("vocab.json", small_vocabulary());
  folder.write("merges.txt", "a b\nab c\n");
  folder.write("added_tokens.json", R"({"<ent>": 263, "<sep>": 264})");
  Tokenizer tokenizer = Tokenizer::load(folder.path);
  CHECK(tokenizer.size() == 265);
  CHECK(!tokenizer.has_kilm_tokens());
  CHECK_THROWS_WITH_AS(tokenizer.kilm_tokens(),
                       "tokenizer: lacks the KILM tokens </ent> <ent_desc> </ent_desc>; kilm train adds them",
                       base::Error);
  CHECK(tokenizer.some_kilm_tokens() == std::vector<std::pair<std::string, int32_t>>{{"<ent>", 263}, {"<sep>", 264}});
  tokenizer.add_kilm_tokens();
  CHECK(tokenizer.size() == 268);
  CHECK(tokenizer.kilm_tokens().ent == 263);
  CHECK(tokenizer.kilm_tokens().ent_end == 265);
  CHECK(tokenizer.kilm_tokens().sep == 264);
}

// In Transformers 5 tokenizer_config.json alone decides; what tokenizer.json says is overwritten.
TEST_CASE("settings of a tokenizer are kept, and a space in front of texts is one of them") {
  const Folder folder, out;
  folder.write("vocab.json", small_vocabulary());
  folder.write("merges.txt", "#version: 0.2\na b\nab c\n");
  CHECK(!Tokenizer::load(folder.path).add_prefix_space());
  folder.write("tokenizer_config.json",
               R"({"add_prefix_space": true, "model_max_length": 1024, "tokenizer_file": "x"})");
  const Tokenizer tokenizer = Tokenizer::load(folder.path);
  CHECK(tokenizer.add_prefix_space());
  tokenizer.save(out.path);
  const base::Json config = base::read_json_file(out / "tokenizer_config.json");
  CHECK(config.at("add_prefix_space") == base::Json(true));
  CHECK(config.at("model_max_length").as_int() == 1024);
  CHECK(config.find("tokenizer_file") == nullptr);
  const base::Json written = base::read_json_file(out / "tokenizer.json");
  CHECK(written.at("pre_tokenizer").at("add_prefix_space") == base::Json(true));
  CHECK(written.at("post_processor").at("add_prefix_space") == base::Json(true));
  CHECK(Tokenizer::load(out.path).add_prefix_space());
  folder.write("tokenizer_config.json", R"({"add_prefix_space": 1})");
  CHECK_THROWS_WITH_AS(
      Tokenizer::load(folder.path),
      (folder / "tokenizer_config.json" + ": add_prefix_space is 1, it should be true or false").c_str(),
      base::DamagedInput);
}

TEST_CASE("broken files are refused with file and place") {
  const Folder folder;
  const std::string vocab = folder.path / "vocab.json", merges = folder.path / "merges.txt";
  const auto refused = [&](const std::string& message) {
    CHECK_THROWS_WITH_AS(Tokenizer::load(folder.path), message.c_str(), base::DamagedInput);
  };
  folder.write("vocab.json", small_vocabulary());
  const std::pair<std::string, std::string> bad_merges[] = {
      {"a b\nx yz\n", "line 2: yz is no token of the vocabulary"},
      {"a b\nc a\n", "line 2: ca is no token of the vocabulary"},
      {"a b\na b\n", "line 2: a b is merged already"},
      {"ab\n", "line 1: should be two tokens with one space between them"},
      {"a b\n\nab c\n", "line 2: should be two tokens with one space between them"},
      {"a b c\n", "line 1: should be two tokens with one space between them"},
      {" a\n", "line 1:  is no token of the vocabulary"},
      {"a b\r\n\r\n", "line 2: should be two tokens with one space between them"},
      {"a b\r\r\n", "line 1: b\r is no token of the vocabulary"},
      {"< mask>\n", "line 1: mask> is no token of the vocabulary"},
      {"<s> a\n", "line 1: <s> stands for itself and is no part of a merge"}};
  for (const auto& [text, message] : bad_merges) {
    folder.write("merges.txt", text);
    refused(merges + ": " + message);
  }
  folder.write("merges.txt", "a b\n");
  const std::string all = small_vocabulary();
  const auto with = [&](const std::string& token, const std::string& id) {  // in place of <mask>, whose id is 262
    return all.substr(0, all.rfind(", ")) + ", " + token + ": " + id + "}";
  };
  const std::pair<std::string, std::string> bad_vocabularies[] = {
      {"{\"<s>\": 0, \"<pad>\": 0}", "id 0 is given to <s> and to <pad>"},
      {"{\"<s>\": 7}", "token <s> has id 7; 1 tokens need ids from 0 without a gap"},
      {"[]", "the vocabulary should be an object of tokens and ids"},
      {with("\"<mask>\"", "-1"), "<mask> has id -1; it should be in [0, 2^31)"},
      {with("\"<mask>\"", "2147483648"), "<mask> has id 2147483648; it should be in [0, 2^31)"},
      {with("\"<mask>\"", "1e99"), "the id of <mask> should be an integer"},
      {with("\"<mask>\"", "263"), "token <mask> has id 263; 263 tokens need ids from 0 without a gap"},
      {with("\"\"", "262"), "token 262 is empty"},
      {with("\"mask\"", "262"), "the token <mask> is not there"}};
  for (const auto& [text, message] : bad_vocabularies) {
    folder.write("vocab.json", text);
    refused(vocab + ": " + message);
  }
}

TEST_CASE("a file of a gigabyte is refused before it is read") {
  const Folder folder;
  folder.write("vocab.json", small_vocabulary());
  for (const char* name : {"merges.txt", "added_tokens.json", "vocab.json", "tokenizer.json"}) {
    folder.write("merges.txt", "a b\n");
    folder.write(name, "");
    std::filesystem::resize_file(folder.path / name, uintmax_t(1) << 30);  // one line of zeros, which take no disk
    CHECK_THROWS_WITH_AS(Tokenizer::load(folder.path),
                         ((folder.path / name).string() + ": has more than 67108864 bytes").c_str(),
                         base::DamagedInput);
  }
}

TEST_CASE("a tokenizer.json that asks for something else is refused") {
  const Folder folder;
  folder.write("vocab.json", small_vocabulary());
  folder.write("merges.txt", "a b\nab c\n");
  Tokenizer::load(folder.path).save(folder.path);
  for (const char* name : {"vocab.json", "merges.txt"}) std::filesystem::remove(folder.path / name);
  const std::string file = folder.path / "tokenizer.json", whole = base::read_file(file);
  const std::tuple<std::string, std::string, std::string> changes[] = {
      {"\"BPE\"", "\"WordPiece\"", "model.type: is WordPiece; it should be BPE"},
      {"\"ignore_merges\": false", "\"ignore_merges\": true", "model.ignore_merges: is true; it should be false"},
      {"\"normalizer\": null", "\"normalizer\": {\"type\": \"NFC\"}", "normalizer: is set; it should be null"},
      {"\"use_regex\": true", "\"use_regex\": false", "pre_tokenizer: should be ByteLevel with use_regex"},
      {"\"ab c\"", "\"ab  c\"", "model.merges[1]: should be two tokens"},
      {"\"ab c\"", "[\"ab\", \"d\"]", "model.merges[1]: abd is no token of the vocabulary"},
      {"\"single_word\": false", "\"single_word\": true",
       "added_tokens: <s> asks for single_word, which is unknown here"},
      {"\"id\": 262", "\"id\": 261", "<mask> has id 261 here and 262 in the vocabulary"}};
  for (const auto& [from, to, message] : changes) {
    std::string text = whole;
    REQUIRE(text.find(from) != std::string::npos);
    folder.write("tokenizer.json", text.replace(text.find(from), from.size(), to));
    CHECK_THROWS_WITH_AS(Tokenizer::load(folder.path), (file + ": " + message).c_str(), base::DamagedInput);
  }
}

// Published vectors of BART's tokenizer; its vocabulary is not part of this project.
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
