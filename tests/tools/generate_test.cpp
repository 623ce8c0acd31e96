#include <doctest/doctest.h>

#include <sstream>

#include "tensor/base/json.h"
#include "tests/kilm/folder.h"
#include "tests/tools/model_folder.h"
#include "tests/tools/process.h"

namespace {

const char* const kBatch = R"({"input_ids": [[5, 9, 4, 2], [7, 8, 2]], "decoder_input_ids": [[2, 0, 9], [2]]})";

std::vector<base::Json> rows(const Output& output) {
  REQUIRE_MESSAGE(output.code == 0, output.err);
  std::vector<base::Json> rows;
  std::istringstream in(output.out);
  for (std::string line; std::getline(in, line);) rows.push_back(base::parse_json(line, "output"));
  return rows;
}

}  // namespace

TEST_CASE("kilm generate prints an object per row, whatever is decoded together") {
  const Folder folder;
  write_model(folder / "model", 96);
  folder.write("batch.json", kBatch);
  const std::string options = "generate --model " + folder / "model" + " --json --num-beams 3 --max-new-tokens 6 ";
  const Output output = kilm(options + "--num-return-sequences 2 --batch -", kBatch);
  const auto all = rows(output);
  REQUIRE(all.size() == 2);
  for (size_t i = 0; i < 2; ++i) {
    CHECK(all[i].at("row").as_int() == int64_t(i));
    const auto& hypotheses = all[i].at("hypotheses").items();
    REQUIRE(hypotheses.size() == 2);
    CHECK(hypotheses[0].at("score").as_number() >= hypotheses[1].at("score").as_number());
    const auto& ids = hypotheses[0].at("ids").items();
    const size_t prefix = i == 0 ? 3 : 1;
    CHECK(ids[0].as_int() == 2);
    CHECK(ids.size() > prefix);
    CHECK(ids.size() <= prefix + 6);
  }
  CHECK(kilm(options + "--num-return-sequences 2 --batch-tokens 1 --batch " + folder / "batch.json").out == output.out);
  const Output plain = kilm("generate --model " + folder / "model" + " --batch -", kBatch);
  CHECK(plain.out.starts_with("row 0\n  "));
}

TEST_CASE("kilm generate: the folder's settings are the defaults, options win") {
  const Folder folder;
  write_model(folder / "model", 96);
  folder.write("model/generation_config.json", R"({"max_length": 9, "num_beams": 2, "forced_eos_token_id": 2})");
  const std::string command = "generate --model " + folder / "model" + " --json --batch - ";
  const auto length = [&](const std::string& options) {
    return rows(kilm(command + options, kBatch))[0].at("hypotheses").items()[0].at("ids").items().size();
  };
  CHECK(length("--min-length 50") == 9);
  CHECK(length("--min-length 50 --max-length 12") == 12);
  CHECK(length("--min-length 50 --max-new-tokens 12") == 15);
  CHECK(rows(kilm(command + "--num-return-sequences 2", kBatch))[0].at("hypotheses").items().size() == 2);
  const auto last = [&](const std::string& options) {
    return rows(kilm(command + "--min-length 50 " + options, kBatch))[1]
        .at("hypotheses")
        .items()[0]
        .at("ids")
        .items()[8];
  };
  CHECK(last("") == base::Json(2));
  CHECK(last("--forced-eos-token-id 17") == base::Json(17));
  CHECK(last("--forced-eos-token-id -1 --bad-words-ids '[[17]]'") != base::Json(17));
}

TEST_CASE("kilm generate: a result begins as generation_config.json says, and needs no tokenizer") {
  const Folder folder;
  write_model(folder / "model", 96);
  folder.write("model/generation_config.json", R"({"decoder_start_token_id": 7, "max_new_tokens": 3})");
  for (const char* file : {"tokenizer.json", "vocab.json", "merges.txt", "added_tokens.json"})
    std::filesystem::remove(folder / (std::string("model/") + file));
  const std::string command = "generate --model " + folder / "model" + " --batch - ";
  const auto first = [&](const std::string& batch) {
    return rows(kilm(command + "--json", batch))[0].at("hypotheses").items()[0].at("ids").items()[0].as_int();
  };
  CHECK(first(R"({"input_ids": [[5, 2]]})") == 7);
  CHECK(first(R"({"input_ids": [[5, 2]], "decoder_input_ids": [[9]]})") ==
        7);  // as in Transformers, it is put in front
  CHECK(kilm(command, R"({"input_ids": [[5, 2]]})").out.find("  7 ") != std::string::npos);
  CHECK(kilm(command + "--trie t.kdt", R"({"input_ids": [[5, 2]]})").code == 2);
  CHECK(kilm("dump --model " + folder / "model" + " --batch - --out " + folder / "step.safetensors",
             R"({"input_ids": [[5, 2]], "labels": [[6, 2]]})")
            .code == 0);
  CHECK(kilm("describe --model " + folder / "model" + " 'by [[Eve]]'").code == 3);
}

TEST_CASE("kilm generate --do-sample: a seed names the results") {
  const Folder folder;
  write_model(folder / "model", 96);
  const std::string command = "generate --model " + folder / "model" + " --json --batch - --num-beams 1 --do-sample ";
  const std::string options = "--num-return-sequences 3 --temperature 2 --top-k 0 --top-p 0.95 ";
  const Output one = kilm(command + options + "--seed 1", kBatch);
  CHECK(rows(one)[0].at("hypotheses").items().size() == 3);
  CHECK(kilm(command + options + "--seed 1 --batch-tokens 1", kBatch).out == one.out);
  CHECK(kilm(command + options + "--seed 2", kBatch).out != one.out);
  CHECK(kilm(command + "--num-beams 2", kBatch).code == 2);
}

TEST_CASE("kilm trie: results are titles of the file, in generate and in describe") {
  const Folder folder;
  write_model(folder / "model", 96);
  const std::string model = folder / "model", trie = folder / "titles.kdt";
  folder.write("titles.txt", "Ann\n\nAnn Lee\nBob\n");
  const Output written = kilm("trie " + folder / "titles.txt" + " --tokenizer " + model + " --out " + trie);
  REQUIRE_MESSAGE(written.code == 0, written.err);
  CHECK(written.out.starts_with(trie + ": 3 titles, "));
  const std::string again = "trie " + folder / "titles.txt" + " --tokenizer " + model + " --out ";
  CHECK(kilm(again + trie).code == 0);
  CHECK(kilm(again + folder / "titles.txt").code == 2);
  CHECK(kilm("inspect --json " + trie).out.find("\"kind\": \"trie\"") != std::string::npos);

  const std::string options = " --num-beams 4 --num-return-sequences 3 --model " + model + " --trie " + trie;
  const Output output = kilm("generate --max-new-tokens 30 --batch -" + options, R"({"input_ids": [[5, 9, 2]]})");
  for (const char* title : {" Ann</s>\n", " Ann Lee</s>\n", " Bob</s>\n"})
    CHECK(output.out.find(title) != std::string::npos);
  const auto described = rows(kilm("describe --json 'by [[Eve]]'" + options));
  for (const auto& hypothesis : described[0].at("hypotheses").items()) {
    const std::string title = hypothesis.at("title").as_string();
    CHECK((title == "Ann" || title == "Ann Lee" || title == "Bob"));
  }
}

TEST_CASE("kilm generate and kilm trie refuse what makes no sense") {
  const Folder folder;
  write_model(folder / "model", 96);
  const std::string command = "generate --model " + folder / "model" + " --batch - ";
  CHECK(kilm(command, "{}").code == 3);
  CHECK(kilm(command + "--early-stopping perhaps", kBatch).code == 2);
  CHECK(kilm(command + "--bad-words-ids '[[100000]]'", kBatch).code == 2);
  for (const char* flat : {"5", "[5]", "x", "'[[\"a\"]]'"}) {
    const Output bad_words = kilm(command + "--bad-words-ids " + flat, kBatch);
    CHECK(bad_words.code == 2);
    CHECK(bad_words.err.find("kilm generate: --bad-words-ids: ") == 0);
  }
  CHECK(kilm(command + "--max-length 3", kBatch).code == 1);
  for (const char* option : {"--max-length -1", "--min-length -1", "--batch-tokens -1", "--batch-tokens 0"})
    CHECK(kilm(command + option, kBatch).code == 2);
  folder.write("model/generation_config.json", R"({"repetition_penalty": 2})");
  const Output refused = kilm(command, kBatch);
  CHECK(refused.code == 3);
  CHECK(refused.err.find("repetition_penalty is 2, it should be 1") != std::string::npos);
  CHECK(kilm("trie - --tokenizer " + folder / "model" + " --out " + folder / "t.kdt", "\n").code == 2);
  folder.write("t.kdt", "nothing");
  CHECK(kilm(command + "--trie " + folder / "t.kdt", kBatch).code == 3);
}
