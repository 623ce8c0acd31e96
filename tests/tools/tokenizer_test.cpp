// `kilm tokenizer` as a user's shell runs it.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/kilm/folder.h"
#include "tests/tools/process.h"

namespace fs = std::filesystem;

namespace {

// A folder with a tokenizer learnt from a few words.
struct Trained {
  Trained() : path(std::filesystem::temp_directory_path() / ("kilm-tokenizer-command-" + std::to_string(getpid()))) {
    output = kilm("tokenizer train - --vocab-size 266 --out " + path, "river rivers\nriver rivers\n");
  }
  ~Trained() { std::filesystem::remove_all(path); }
  std::string path;
  Output output;
};

}  // namespace

TEST_CASE("kilm tokenizer: lines become ids, and ids the same bytes") {
  const Trained trained;
  REQUIRE(trained.output.code == 0);
  CHECK(trained.output.err.empty());
  const std::string text = "river rivers\n\na\r\n\xff\xfe <mask>\nlast";
  const Output encoded = kilm("tokenizer encode " + trained.path, text);
  CHECK(encoded.code == 0);
  CHECK(std::count(encoded.out.begin(), encoded.out.end(), '\n') == 5);
  CHECK(kilm("tokenizer decode " + trained.path, encoded.out).out == text + "\n");
  CHECK(kilm("tokenizer encode --special " + trained.path, "a\n<mask>\r").out ==
        "[0, 68, 2]\n[0, 31, 80, 68, 86, 78, 33, 205, 2]\n");
  CHECK(kilm("tokenizer encode --prefix-space --parse-special " + trained.path, "a <mask>").out == "[224, 68, 265]\n");
}

TEST_CASE("kilm tokenizer train: strings of JSON lines are the text") {
  const Trained trained;
  const std::string lines = R"({"text": "river rivers", "other": "zzzz"})"
                            "\n"
                            R"({"title": "river rivers"})"
                            "\n";
  const std::string out = trained.path + "/json";
  CHECK(kilm("tokenizer train - --json-key text --json-key title --vocab-size 266 --out " + out, lines).code == 0);
  CHECK(kilm("tokenizer encode " + out, "rivers zz").out == kilm("tokenizer encode " + trained.path, "rivers zz").out);
  const std::string again = "tokenizer train - --force --json-key text --vocab-size 266 --out " + out;
  const Output misspelt = kilm(again + " --json-key titel", lines + R"({"text": "a", "title": "b"})");
  CHECK(misspelt.code == 2);
  CHECK(misspelt.err.find("--json-key titel: no line has this key\n") != std::string::npos);
  CHECK(kilm(again + " --json-key othr", lines).err.find("(did you mean other?)") != std::string::npos);
  const Output text = kilm(again, "no JSON\n");
  CHECK(text.code == 3);
  CHECK(text.err.find("; --json-key asks for JSON lines") != std::string::npos);
  const Output wrong = kilm(again, "{\"text\": 1}\n");
  CHECK(wrong.code == 3);
  CHECK(wrong.err.find("standard input: line 1: text: should be a string") != std::string::npos);
}

TEST_CASE("kilm tokenizer train: another's tokenizer is written over only with --force, and nothing stays of it") {
  const Trained trained;
  const std::string vocabulary = trained.path + "/vocab.json", config = trained.path + "/config.json",
                    added = trained.path + "/added_tokens.json", settings = trained.path + "/tokenizer_config.json";
  const std::string command = "tokenizer train - --out " + trained.path + " --vocab-size ";
  CHECK(kilm(command + "265", "river rivers\nriver rivers\n").code == 0);  // its own
  const auto before = std::filesystem::file_size(vocabulary);
  const auto check_refused = [&](const std::string& name = "") {
    const Output refused = kilm(command + "263", "river rivers\n");
    CHECK(refused.code == 2);
    CHECK(refused.err.find("--out: " + trained.path + " holds " + name) != std::string::npos);
    CHECK(refused.err.find(" already, not made by this command; --force") != std::string::npos);
    CHECK(std::filesystem::file_size(vocabulary) == before);
  };
  std::ofstream(config) << "{}";  // of a model
  check_refused("config.json");
  std::filesystem::remove(config);
  std::ofstream(added) << "{\"<other>\": 265}";
  check_refused();
  std::ofstream(settings) << R"({"tokenizer_class": "BartTokenizer", "model_max_length": 1024})";
  check_refused();
  CHECK(kilm(command + "263 --force", "river rivers\n").code == 0);
  CHECK(std::filesystem::file_size(vocabulary) < before);
  CHECK(!std::filesystem::exists(added));
  CHECK(kilm(command + "263", "river rivers\n").code == 0);
}

TEST_CASE("kilm tokenizer train: a folder of other things is written into only with --force, and a file is none") {
  const Folder at;
  fs::create_directories(at / "data");
  at.write("data/manifest.json", "{}");
  const std::string command = "tokenizer train - --vocab-size 263 --out ";
  const Output beside = kilm(command + at / "data", "river rivers\n");
  CHECK(beside.code == 2);
  CHECK(beside.err.find("--out: " + at / "data" + " holds manifest.json already") != std::string::npos);
  CHECK(!fs::exists(at / "data/vocab.json"));
  CHECK(kilm(command + at / "data --force", "river rivers\n").code == 0);
  const Output file = kilm(command + at / "data/manifest.json --force", "river rivers\n");
  CHECK(file.code == 2);
  CHECK(file.err.find("manifest.json is there already, and no folder") != std::string::npos);
}

TEST_CASE("kilm tokenizer: files in brackets, links that lead nowhere and halves of a tokenizer") {
  const Trained trained;
  const std::string odd = trained.path + "/[p,q]";
  std::ofstream(odd) << "river rivers\nriver rivers\n";
  const std::string out = trained.path + "/odd";
  CHECK(kilm("tokenizer train '" + odd + "' --vocab-size 266 --out " + out).code == 0);
  CHECK(kilm("tokenizer encode " + out, "rivers zz").out == kilm("tokenizer encode " + trained.path, "rivers zz").out);
  std::filesystem::create_symlink("nowhere", trained.path + "/link");
  const Output link = kilm("tokenizer train " + trained.path + "/link --vocab-size 266 --out " + out + "2");
  CHECK(link.code == 1);
  CHECK(link.err.find("cannot be opened: it is a link to nowhere, which is not there") != std::string::npos);
  std::filesystem::remove(out + "/tokenizer.json");
  std::filesystem::remove(out + "/merges.txt");
  CHECK(kilm("tokenizer encode " + out, "a").code == 3);
}

TEST_CASE("kilm tokenizer: what cannot be done says so") {
  const Trained trained;
  const std::string pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 557\n";
  for (const std::string more : {"", " --json-key text"}) {
    const Output lfs = kilm("tokenizer train - --vocab-size 263 --out " + trained.path + more, pointer);
    CHECK(lfs.code == 3);
    CHECK(lfs.err.find("standard input: is a git-lfs pointer") != std::string::npos);
  }
  CHECK(kilm("tokenizer train - --vocab-size 5 --out " + trained.path, "a b\n").code == 2);
  CHECK(kilm("tokenizer train /no/such/file --vocab-size 300 --out " + trained.path).code == 1);
  CHECK(kilm("tokenizer encode /no/such/folder", "a").code == 1);
  const Output folder = kilm("tokenizer train / --vocab-size 300 --out " + trained.path);
  CHECK(folder.code == 1);
  CHECK(folder.err.find("/: cannot be read: Is a directory") != std::string::npos);
  CHECK(kilm("tokenizer encode " + trained.path + " </ 2>/dev/null #").code == 1);
  const Output few = kilm("tokenizer train - --vocab-size 300 --out " + trained.path, "ab\n");
  CHECK(few.code == 0);
  CHECK(few.err.find("no more than 262 tokens") != std::string::npos);
  for (const char* ids : {"[-1]", "[262]", "[1.5]", "7", "[1"}) {
    const Output output = kilm("tokenizer decode " + trained.path, std::string("[68]\n") + ids + "\n");
    CHECK(output.code == 3);
    CHECK(output.out == "a\n");
    CHECK(output.err.find("standard input: line 2") != std::string::npos);
  }
}
