// `kilm probe` as a shell sees it.
#include <doctest/doctest.h>

#include <filesystem>

#include "tensor/base/file.h"
#include "tensor/base/json.h"
#include "tests/kilm/folder.h"
#include "tests/tools/model_folder.h"
#include "tests/tools/process.h"

namespace {

const std::string kTemplates = "{\"relation\": \"P19\", \"template\": \"[X] was born in [Y] .\"}\n";

std::string fact(const std::string& subject, const std::string& object, const std::string& more = "") {
  return "{\"sub_label\": \"" + subject + "\", \"obj_label\": \"" + object + "\"" + more + "}\n";
}

}  // namespace

TEST_CASE("kilm probe: measures of all facts, of relations and of negations, and rows that compare reads") {
  const Folder folder;
  write_model(folder / "model", 96);
  folder.write("templates", kTemplates);
  folder.write("P19.jsonl", fact("Ann", "Ulm") + fact("Bo", "Rome") + fact("Cy", "Ulm"));
  const std::string roses =
      ", \"masked_sentences\": [\"Roses are [MASK].\"], \"masked_negations\": [\"Roses are not [MASK].\"]";
  folder.write("colours.jsonl", fact("Roses", "red", roses));
  const std::string command = "probe --model " + folder / "model" + " --templates " + folder / "templates" +
                              " --data " + folder / "P19.jsonl" + " " + folder / "colours.jsonl";
  const Output output = kilm(command + " --json --predictions " + folder / "rows");
  REQUIRE_MESSAGE(output.code == 0, output.err);
  const base::Json json = base::parse_json(output.out, "output");
  CHECK(json.at("facts").as_int() == 4);
  CHECK(json.at("skipped").as_int() == 0);
  CHECK(json.at("relations").at("P19").at("facts").as_int() == 3);
  CHECK(json.at("relations").at("colours").at("precision_at_1").as_number() == 1);  // the only candidate
  CHECK(json.at("macro").at("mrr").as_number() == (json.at("relations").at("P19").at("mrr").as_number() + 1) / 2);
  CHECK(json.at("negated").dump() == "{\"facts\": 1, \"same_top1\": 1.0}");
  CHECK(kilm(command).out.find("all facts ") != std::string::npos);

  for (const char* more : {" --batch-tokens 1", " --batch-tokens 50"})
    CHECK(kilm(command + more + " --json").out == output.out);
  CHECK(kilm(command + " --json", "", "OMP_NUM_THREADS=1").out == output.out);
  const Output on = kilm(command + " --json --prefix-space on --predictions " + folder / "on"),
               off = kilm(command + " --json --prefix-space off --predictions " + folder / "off");
  CHECK(on.out == output.out);
  CHECK(base::read_file(folder / "on") == base::read_file(folder / "rows"));
  CHECK(base::read_file(folder / "off") != base::read_file(folder / "rows"));

  const Output compared = kilm("compare --json " + folder / "rows " + folder / "off");
  REQUIRE_MESSAGE(compared.code == 0, compared.err);
  const base::Json comparison = base::parse_json(compared.out, "output");
  CHECK(comparison.at("kind").as_string() == "clozes");
  CHECK(comparison.at("measures").at("mrr").items()[0].at("value") == json.at("mrr"));
  CHECK(comparison.at("measures").at("macro_mrr").items()[0].at("value") == json.at("macro").at("mrr"));
}

TEST_CASE("kilm probe: given candidates, and facts whose object is none of them") {
  const Folder folder;
  write_model(folder / "model", 96);
  folder.write("a.jsonl", fact("Ann", "Ulm", ", \"masked_sentences\": [\"Ann in [MASK]\"]") +
                              fact("Bo", "Rome", ", \"masked_sentences\": [\"Bo in [MASK]\"]"));
  folder.write("words", "Oslo\nUlm\nBern\n");
  const std::string command = "probe --model " + folder / "model" + " --data " + folder / "a.jsonl" + " --candidates " +
                              folder / "words" + " --json";
  const base::Json json = base::parse_json(kilm(command).out, "output");
  CHECK(json.at("facts").as_int() == 1);
  CHECK(json.at("skipped").as_int() == 1);
  folder.write("words", "Oslo\n");
  const Output none = kilm(command);
  CHECK(none.code == 0);
  CHECK(base::parse_json(none.out, "output").at("mrr").is_null());
  const std::string table = kilm(command.substr(0, command.rfind(" --json"))).out;
  CHECK(table.find("nan") == std::string::npos);
  CHECK(table.find("\nall facts         0         -         -         -\n") != std::string::npos);
}

TEST_CASE("kilm probe: damage exits with 3 and leaves no file, wrong use with 2") {
  const Folder folder;
  write_model(folder / "model", 96);
  folder.write("good.jsonl", fact("Ann", "Ulm", ", \"masked_sentences\": [\"Ann in [MASK]\"]"));
  folder.write("bad.jsonl", fact("Ann", "Ulm", ", \"masked_sentences\": [\"Ann in [MASK]\"]") + fact("Bo", "Rome"));
  folder.write("empty", "");
  const std::string model =
      "probe --json --model " + folder / "model" + " --predictions " + folder / "rows" + " --data ";
  const auto damaged = [&](const std::string& arguments, const std::string& message) {
    const Output output = kilm(model + arguments);
    CHECK(output.code == 3);
    CHECK(output.out == "");
    CHECK_MESSAGE(output.err.find(message) != std::string::npos, output.err);
    CHECK(!std::filesystem::exists(folder / "rows"));
  };
  damaged(folder / "good.jsonl " + folder / "bad.jsonl", "bad.jsonl: line 2: there is no masked_sentences");
  damaged(folder / "empty", "empty: there is no line");
  damaged(folder / "good.jsonl" + " --candidates " + folder / "empty", "empty: there is no line");
  damaged(folder / "good.jsonl" + " --templates " + folder / "good.jsonl", "good.jsonl: line 1: no entry \"relation\"");
  CHECK(kilm(model + folder / "good.jsonl" + " --batch-tokens 0").code == 2);
  CHECK(kilm(model + "-", base::read_file(folder / "good.jsonl")).code == 2);
  folder.write("words", "Ulm\n" + std::string(200, 'x') + "\n");
  damaged(folder / "good.jsonl" + " --candidates " + folder / "words", "words: \"xxx");
  CHECK(kilm(model + folder / "good.jsonl" + " --prefix-space maybe").code == 2);
  CHECK(kilm("probe --model " + folder / "model").code == 2);
  CHECK(kilm(model + folder / "none").code == 1);
}

TEST_CASE("kilm probe: LAMA's templates and triples of T-REx, where they are at hand") {
  const std::string probes = KILM_SOURCE_DIR "/../shared/data/probes/";
  if (!std::filesystem::exists(probes)) return;
  const Folder folder;
  write_model(folder / "model", 256);
  const std::string untar =
      "tar xzf " + probes + "TREx_train.tar.gz -C " + folder.path.string() + " TREx_train/P36.jsonl";
  REQUIRE(std::system(untar.c_str()) == 0);
  folder.write("P36.jsonl", base::read_file(folder / "TREx_train/P36.jsonl").substr(0, 5000));
  const std::string text = base::read_file(folder / "P36.jsonl");
  folder.write("P36.jsonl", text.substr(0, text.rfind('\n') + 1));
  const Output output = kilm("probe --json --model " + folder / "model" + " --templates " + probes +
                             "LAMA_relations.jsonl --data " + folder / "P36.jsonl");
  REQUIRE_MESSAGE(output.code == 0, output.err);
  CHECK(base::parse_json(output.out, "output").at("relations").at("P36").at("facts").as_int() > 30);
}
