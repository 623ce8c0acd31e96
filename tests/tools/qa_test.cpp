// `kilm qa` as a shell sees it.
#include <doctest/doctest.h>

#include <sstream>

#include "tensor/base/file.h"
#include "tensor/base/json.h"
#include "tests/kilm/folder.h"
#include "tests/tools/model_folder.h"
#include "tests/tools/process.h"
#include "tests/tools/question_index.h"

namespace {

const char* const kQuestions =
    "{\"question\": \"who is the king\", \"answer\": [\"Ann\", \"the Ann Lee\"], \"id\": \"a\"}\n"
    "{\"question\": \"when was the lake dug?\", \"answer\": [\"1900\"], \"id\": \"b\"}\n"
    "{\"question\": \"where is the hill\", \"answer\": [\"up the river\"], \"id\": \"c\"}\n";
const char* const kShots =
    "1\twho is a king?\tBob\n2\twho dug the lake\tEve\n3\twhere is the deep lake\there\n4\tis the sea salty\tyes\n"
    "5\twhich road is long\tthis\n6\thow high is the hill\t90 m\n";

std::vector<base::Json> json_lines(const std::string& text) {
  std::vector<base::Json> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(base::parse_json(line, "output"));
  return lines;
}

}  // namespace

TEST_CASE("kilm qa: given answers are scored, and kilm compare reads the predictions") {
  const Folder folder;
  folder.write("data", kQuestions);
  folder.write("answers",
               "{\"prediction\": \"Ann Lee\"}\n{\"prediction\": \"in 1900\"}\n{\"prediction\": \"a river\"}\n");
  const std::string command = "qa --data " + folder / "data" + " --answers " + folder / "answers";
  const Output output = kilm(command + " --json --predictions " + folder / "predictions");
  REQUIRE_MESSAGE(output.code == 0, output.err);
  const base::Json json = base::parse_json(output.out, "output");
  CHECK(json.at("questions") == base::Json(3));
  CHECK(json.at("exact_match").as_number() == doctest::Approx(1.0 / 3));
  CHECK(json.at("f1").as_number() == doctest::Approx((1 + 2.0 / 3 + 2.0 / 3) / 3));
  CHECK(json.at("short_of_shots") == base::Json(0));
  const std::vector<base::Json> rows = json_lines(base::read_file(folder / "predictions"));
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].dump() ==
        R"({"id": "a", "question": "who is the king", "prediction": "Ann Lee", "answers": ["Ann", "the Ann Lee"], )"
        R"("exact_match": 1.0, "f1": 1.0, "shots": []})");

  // A row has its prediction, so predictions are answers; both files say the same.
  const Output again = kilm("qa --json --data " + folder / "data" + " --answers " + folder / "predictions" +
                            " --predictions " + folder / "again");
  CHECK(again.out == output.out);
  CHECK(base::read_file(folder / "again") == base::read_file(folder / "predictions"));
  const Output compared = kilm("compare --json " + folder / "predictions" + " " + folder / "again");
  REQUIRE_MESSAGE(compared.code == 0, compared.err);
  const base::Json exact = base::parse_json(compared.out, "output").at("measures").at("exact_match");
  CHECK(exact.items()[0].at("value") == json.at("exact_match"));
  CHECK(exact.items()[1].at("difference").as_number() == 0);
  CHECK(kilm(command).out.starts_with("questions                3\nexact_match         0.3333\n"));
}

TEST_CASE("kilm qa: the format chooses what makes answers the same") {
  const Folder folder;
  folder.write("trivia",
               "{\"Data\": [{\"Question\": \"Which?\", \"QuestionId\": \"t\", \"Answer\": "
               "{\"NormalizedAliases\": [\"wal mart\"]}}]}");
  folder.write("curated", "1\tfactoid\thow high\t8,?848\\s*m\n");
  const auto exact = [&](const std::string& options, const std::string& answer) {
    const Output output =
        kilm("qa --json --answers - --data " + folder / options, "{\"prediction\": \"" + answer + "\"}");
    REQUIRE_MESSAGE(output.code == 0, output.err);
    return base::parse_json(output.out, "output");
  };
  CHECK(exact("trivia", "Wal-Mart").at("exact_match").as_number() == 1);
  CHECK(exact("trivia --normalize squad", "Wal-Mart").at("exact_match").as_number() == 0);
  const base::Json curated = exact("curated", "about 8848 M high");
  CHECK(curated.at("exact_match").as_number() == 1);
  CHECK(curated.at("f1").is_null());
}

TEST_CASE("kilm qa: a model's answers do not depend on what is decoded together, nor on threads") {
  const Folder folder;
  write_model(folder / "model", 256);
  folder.write("data", kQuestions);
  folder.write("shots", kShots);
  REQUIRE(kilm("index " + folder / "shots" + " --out " + folder / "index").code == 0);
  const auto answers = [&](const std::string& options, const std::string& setting = "") {
    const Output output =
        kilm("qa --json --force --num-beams 2 --max-new-tokens 5 --model " + folder / "model" + " --data " +
                 folder / "data" + " --predictions " + folder / "predictions" + " " + options,
             "", setting);
    REQUIRE_MESSAGE(output.code == 0, output.err);
    return output.out + base::read_file(folder / "predictions");
  };
  for (const std::string options : {"", "--do-sample --num-beams 1 --seed 3"}) {
    const std::string all = answers(options);
    CHECK(answers(options + " --batch-tokens 1") == all);
    CHECK(answers(options + " --batch-tokens 70", "OMP_NUM_THREADS=1") == all);
  }
  const std::string shots = answers("--shots 2 --shots-from " + folder / "index");
  CHECK(answers("--shots 2 --batch-tokens 1 --shots-from " + folder / "shots") == shots);
  CHECK(shots.find("\"short_of_shots\": 2, \"same_question\": 1}") != std::string::npos);
  CHECK(shots.find("\"shots\": [\"1\"]}\n") != std::string::npos);
  CHECK(shots.find("\"shots\": [\"2\", \"3\"]}\n") != std::string::npos);
  const std::string drawn = answers("--shots 2 --shots-random 4 --shots-from " + folder / "index");
  CHECK(answers("--shots 2 --shots-random 4 --shots-from " + folder / "shots") == drawn);
}

TEST_CASE("kilm qa: --prompts is a batch from which kilm generate makes the same answers") {
  const Folder folder;
  write_model(folder / "model", 256);
  folder.write("data", kQuestions);
  const std::string options = " --num-beams 2 --max-new-tokens 4 --model " + folder / "model";
  const Output output = kilm("qa --data " + folder / "data" + " --prompts " + folder / "batch" + " --predictions " +
                             folder / "predictions" + options);
  REQUIRE_MESSAGE(output.code == 0, output.err);
  const base::Json batch = base::read_json_file(folder / "batch");
  CHECK(batch.members().size() == 2);
  CHECK(batch.at("input_ids").items().size() == 3);
  const auto generated = json_lines(kilm("generate --json --batch " + folder / "batch" + options).out);
  REQUIRE(generated.size() == 3);
  for (size_t i = 0; i < 3; ++i) {
    const auto& prefix = batch.at("decoder_input_ids").items()[i].items();
    const auto& ids = generated[i].at("hypotheses").items()[0].at("ids").items();
    REQUIRE(ids.size() > prefix.size());
    CHECK(std::equal(prefix.begin(), prefix.end(), ids.begin()));
  }
  CHECK(kilm("qa --data " + folder / "data" + " --prompts " + folder / "batch" + options).code == 0);  // its own
  folder.write("other", "{}");
  CHECK(kilm("qa --data " + folder / "data" + " --prompts " + folder / "other" + options).code == 2);
}

TEST_CASE("kilm qa: prompts and predictions are there when all answers are scored, or not at all") {
  const Folder folder;
  write_model(folder / "model", 256);
  folder.write("data", "{\"question\": \"who wrote it\", \"answer\": [\"(unclosed\"]}\n");
  const Output output = kilm("qa --json --normalize regex --max-new-tokens 2 --model " + folder / "model" + " --data " +
                             folder / "data" + " --prompts " + folder / "batch" + " --predictions " + folder / "out");
  CHECK(output.code == 3);
  CHECK(output.out == "");
  CHECK(!std::filesystem::exists(folder / "batch"));
  CHECK(!std::filesystem::exists(folder / "out"));
}

TEST_CASE("kilm qa: an index with a document that is no question exits with 3") {
  const Folder folder;
  folder.write("data", kQuestions);
  folder.write("answers", "{\"prediction\": \"x\"}\n{\"prediction\": \"x\"}\n{\"prediction\": \"x\"}\n");
  write_index_with_damage(folder / "index");
  const Output output = kilm("qa --shots 1 --answers " + folder / "answers" + " --data " + folder / "data" +
                             " --shots-from " + folder / "index");
  CHECK(output.code == 3);
  CHECK(output.out == "");
  CHECK_MESSAGE(output.err.find(folder / "index" + ": record 1") != std::string::npos, output.err);
}

TEST_CASE("kilm qa: damage exits with 3, prints nothing and leaves no file; wrong use exits with 2") {
  const Folder folder;
  folder.write("data", kQuestions);
  folder.write("one", "{\"prediction\": \"x\"}\n");
  folder.write("four",
               "{\"prediction\": \"x\"}\n{\"prediction\": \"x\"}\n{\"prediction\": \"x\"}\n{\"prediction\": \"x\"}\n");
  folder.write("wrong", "{\"prediction\": \"x\"}\n{\"answer\": \"x\"}\n");
  folder.write("cut", std::string(kQuestions).substr(0, 200));
  folder.write("pattern", "{\"question\": \"who\", \"answer\": [\"(x\"]}\n");
  const auto refused = [&](const std::string& data, const std::string& answers, const std::string& reason) {
    const Output output = kilm("qa --json --predictions " + folder / "out" + " --data " + folder / data +
                               " --answers " + folder / answers);
    CHECK(output.code == 3);
    CHECK(output.out == "");
    CHECK_MESSAGE(output.err.find(reason) != std::string::npos, output.err);
    CHECK(!std::filesystem::exists(folder / "out"));
  };
  refused("data", "one", folder / "one" + ": ends before the answer to question \"b\"");
  refused("data", "four", folder / "four" + ": line 4: there is no question for it");
  refused("data", "wrong", folder / "wrong" + ": line 2: no entry \"prediction\"");
  refused("cut", "four", folder / "cut" + ": line 3: ");
  refused("pattern --normalize regex", "one", folder / "pattern" + ": line 1: pattern: byte 0");

  const std::string data = "qa --data " + folder / "data";
  CHECK(kilm(data).code == 2);
  CHECK(kilm(data + " --answers x --model y").code == 2);
  CHECK(kilm(data + " --answers x --prompts y").code == 2);
  CHECK(kilm(data + " --answers x --shots 2").code == 2);
  CHECK(kilm(data + " --answers x --shots-from y").code == 2);
  CHECK(kilm(data + " --answers x --method 5").code == 2);
  CHECK(kilm(data + " --answers x --format csv").code == 2);
  const auto refused_option = [&](const std::string& options, const std::string& reason) {
    const Output output = kilm("qa " + options);
    CHECK(output.code == 2);
    CHECK_MESSAGE(output.err.find(reason) != std::string::npos, output.err);
  };
  for (const std::string option : {"--method 2", "--prefix-space on", "--max-length 9", "--num-beams 2", "--do-sample",
                                   "--forced-bos-token-id -1", "--seed 0", "--compat"})
    refused_option("--data x --answers y " + option, option.substr(0, option.find(' ')) + ": is for a model");
  refused_option("--data - --answers -", "--data and --answers should not both be standard input");
  refused_option("--data - --model y --shots 1 --shots-from -", "--data and --shots-from should not both");
  refused_option("--data x --answers - --shots 1 --shots-from -", "--answers and --shots-from should not both");
  CHECK(kilm(data + " --predictions " + folder / "p" + " --prompts " + folder / "p" + " --model x").code == 2);
}
