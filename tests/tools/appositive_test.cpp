// `kilm appositive` as a shell sees it.
#include <doctest/doctest.h>

#include <filesystem>

#include "tensor/base/file.h"
#include "tensor/base/json.h"
#include "tests/kilm/folder.h"
#include "tests/tools/model_folder.h"
#include "tests/tools/process.h"

namespace {

std::string item(const std::string& name, const std::string& target) {
  return "{\"name\": \"" + name + "\", \"input\": [\"Then\", \"Ann\", \"<appos>\", \"sang\"], \"target\": [" + target +
         "], \"previous_sentence\": [[\"It\", \"rained\"]], \"next_sentence\": [\"She\", \"left\"], \"used\": [true], "
         "\"properties\": [\"work\"], \"values\": [\"singer\"], \"qualifiers\": [[]]}\n";
}

}  // namespace

TEST_CASE("kilm appositive: measures of ApposCorpus, and rows that compare reads") {
  const Folder folder;
  write_model(folder / "model", 128);
  folder.write("a.jsonl", item("Ann", "\"a\", \"singer\", \",\", \"too\"") + item("Bo", "\"x\"") + item("Ann", ""));
  const std::string command = "appositive --model " + folder / "model" + " --data " + folder / "a.jsonl";
  const Output output = kilm(command + " --json --predictions " + folder / "kilm");
  REQUIRE_MESSAGE(output.code == 0, output.err);
  const base::Json json = base::parse_json(output.out, "output");
  CHECK(json.at("full").at("examples").as_int() == 2);
  CHECK(json.at("non_empty").at("examples").as_int() == 1);
  CHECK(json.at("constraint").at("examples").as_int() == 2);
  for (const char* measure : {"f1", "meteor", "bleu"}) CHECK(json.at("full").at(measure).is_number());
  CHECK(json.at("left_out").as_int() == 1);
  CHECK(output.err.find("a.jsonl: line 2: the name Bo does not stand before the slot") != std::string::npos);
  CHECK(base::read_file(folder / "kilm").find("\"reference\": \"a singer, too\"") != std::string::npos);
  CHECK(kilm(command).out.find("\nnon-empty ") != std::string::npos);

  CHECK(kilm(command + " --json --batch-tokens 1").out == output.out);
  CHECK(kilm(command + " --json", "", "OMP_NUM_THREADS=1").out == output.out);
  CHECK(kilm(command + " --json --facts on --num-beams 3 --predictions " + folder / "facts").code == 0);
  CHECK(base::read_file(folder / "facts") != base::read_file(folder / "kilm"));
  const Output bart = kilm(command + " --prompt bart --json --predictions " + folder / "bart");
  REQUIRE_MESSAGE(bart.code == 0, bart.err);
  const Output compared = kilm("compare --json " + folder / "kilm " + folder / "bart");
  REQUIRE_MESSAGE(compared.code == 0, compared.err);
  CHECK(base::parse_json(compared.out, "output").at("measures").at("f1").items()[0].at("value") ==
        json.at("full").at("f1"));
}

TEST_CASE("kilm appositive: PoMo's tables") {
  const Folder folder;
  write_model(folder / "model", 128);
  folder.write("x.pm",
               "Ann sang .\tAnn\ta singer\tAnn , a singer , sang .\tQ1\tn/a\tn/a\t4.5\ts:1\n"
               "Bo left .\tBo\tonce\tBo , once , left .\tQ2\tn/a\tn/a\t4.5\ts:2\n");
  folder.write("x.wiki",
               "Q1\tAnn\t\t\t[{\"property\": [\"work\", \"singer\"], \"qualifiers\": [], \"used\": [\"s:1\"]}]\n"
               "Q2\tBo\t\t\t[]\n");
  const std::string command = "appositive --json --model " + folder / "model" + " --data " + folder / "x.pm";
  const base::Json json = base::parse_json(kilm(command).out, "output");
  CHECK(json.at("full").at("examples").as_int() == 2);
  CHECK(json.at("constraint").at("examples").as_int() == 1);
  std::filesystem::remove(folder / "x.wiki");
  CHECK(kilm(command).code == 1);
}

TEST_CASE("kilm appositive: damage exits with 3 and leaves no file, wrong use with 2") {
  const Folder folder;
  write_model(folder / "model", 128);
  folder.write("bad.jsonl", item("Ann", "") + "{\"name\": \"Ann\"}\n");
  folder.write("empty.jsonl", "");
  const std::string command =
      "appositive --json --model " + folder / "model" + " --predictions " + folder / "rows" + " --data ";
  for (const auto& [path, message] : {std::pair(folder / "bad.jsonl", "bad.jsonl: line 2: no entry \"input\""),
                                      std::pair(folder / "empty.jsonl", "empty.jsonl: there is no line")}) {
    const Output output = kilm(command + path);
    CHECK(output.code == 3);
    CHECK(output.out == "");
    CHECK_MESSAGE(output.err.find(message) != std::string::npos, output.err);
    CHECK(!std::filesystem::exists(folder / "rows"));
  }
  folder.write("good.jsonl", item("Ann", ""));
  const std::string table = kilm("appositive --model " + folder / "model" + " --data " + folder / "good.jsonl").out;
  CHECK(table.find("nan") == std::string::npos);
  CHECK(table.find("\nnon-empty            0         -         -         -\n") != std::string::npos);
  const std::string good = command + folder / "good.jsonl";
  CHECK(kilm(good + " --batch-tokens 0").code == 2);
  CHECK(kilm(good + " --prompt other").code == 2);
  CHECK(kilm(good + " --num-beams 0").code == 2);
  CHECK(kilm("appositive --model " + folder / "model").code == 2);
}
