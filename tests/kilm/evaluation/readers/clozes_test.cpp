#include "kilm/evaluation/readers/clozes.h"

#include <doctest/doctest.h>

#include "tests/kilm/folder.h"

using kilm::evaluation::Cloze;
using kilm::evaluation::ClozeReader;
using kilm::evaluation::ClozeTemplates;

namespace {

const std::string kTemplates =
    "{\"relation\": \"P19\", \"template\": \"[X] was born in [Y] .\", \"label\": \"place of birth\"}\n"
    "{\"relation\": \"likes\", \"template\": \"[Y] is what [X] and [X] like\", \"template_negated\": "
    "\"[Y] is not what [X] likes\"}\n";
const std::string kLines =
    "{\"predicate_id\": \"P19\", \"sub_label\": \"Ann [Y]\", \"obj_label\": \"Ulm\"}\n"
    "{\"sub_label\": \"Bo\", \"obj_label\": \"tea\"}\n"
    "{\"sub_label\": \"Squad\", \"obj_label\": \"red\", \"masked_sentences\": [\"Roses are [MASK].\", \"[MASK] "
    "[MASK]\"], "
    "\"masked_negations\": [\"Roses are not [MASK].\"], \"negated\": [\"no\"]}\n"
    "{\"sub_label\": \"\", \"obj_label\": \"a b\", \"masked_sentences\": [\"([MASK])\"], \"masked_negations\": [], "
    "\"negated\": [\"not [MASK]\"], \"predicate_id\": \"none\"}\n"
    "{\"sub_label\": \"\", \"obj_label\": \"é\", \"masked_sentences\": [\"[MASK]\"], \"negated\": true}";

std::vector<Cloze> read_all(const std::string& path, const ClozeTemplates& templates) {
  ClozeReader reader(path, templates);
  std::vector<Cloze> clozes;
  while (std::optional<Cloze> cloze = reader.next()) clozes.push_back(std::move(*cloze));
  return clozes;
}

std::string complaint(const Folder& folder, const std::string& line, const ClozeTemplates& templates = {}) {
  folder.write("damaged.jsonl", line);
  try {
    read_all(folder / "damaged.jsonl", templates);
  } catch (const base::DamagedInput& error) {
    const std::string message = error.what(), path = folder / "damaged.jsonl";
    CHECK(message.starts_with(path + ": "));
    return message.substr(path.size() + 2);
  }
  return "";
}

std::string complaint_about_templates(const Folder& folder, const std::string& line) {
  folder.write("damaged.jsonl", line);
  try {
    ClozeTemplates(folder / "damaged.jsonl");
  } catch (const base::DamagedInput& error) {
    return std::string(error.what()).substr((folder / "damaged.jsonl").size() + 2);
  }
  return "";
}

}  // namespace

TEST_CASE("clozes have the sentence of their line, else that of their relation's template") {
  const Folder folder;
  folder.write("templates", kTemplates);
  folder.write("likes.jsonl", kLines);
  const ClozeTemplates templates(folder / "templates");
  const std::vector<Cloze> clozes = read_all(folder / "likes.jsonl", templates);
  REQUIRE(clozes.size() == 5);
  const char* expected[][5] = {{"P19", "Ann [Y]", "Ulm", "Ann [Y] was born in ", " ."},
                               {"likes", "Bo", "tea", "", " is what Bo and Bo like"},
                               {"likes", "Squad", "red", "Roses are ", "."},
                               {"none", "", "a b", "(", ")"},
                               {"likes", "", "é", "", ""}};
  for (size_t i = 0; i < 5; ++i) {
    CHECK(clozes[i].relation == expected[i][0]);
    CHECK(clozes[i].subject == expected[i][1]);
    CHECK(clozes[i].object == expected[i][2]);
    CHECK(clozes[i].sentence.left == expected[i][3]);
    CHECK(clozes[i].sentence.right == expected[i][4]);
  }
}

TEST_CASE("clozes: a negated sentence is of the line, of LAMA's own key, or of the template") {
  const Folder folder;
  folder.write("templates", kTemplates);
  folder.write("likes.jsonl", kLines);
  const ClozeTemplates templates(folder / "templates");
  const std::vector<Cloze> clozes = read_all(folder / "likes.jsonl", templates);
  CHECK(!clozes[0].negated);
  CHECK(clozes[1].negated->right == " is not what Bo likes");
  CHECK(clozes[2].negated->left == "Roses are not ");
  CHECK(clozes[3].negated->left == "not ");
  CHECK(!clozes[4].negated);
}

TEST_CASE("clozes: what is damaged is named with its line") {
  const Folder folder;
  const std::string good = "{\"sub_label\": \"\", \"obj_label\": \"x\", \"masked_sentences\": [\"[MASK]\"]}\n";
  CHECK(complaint(folder, "") == "there is no line");
  CHECK(complaint(folder, good + "\n").starts_with("line 2"));
  CHECK(complaint(folder, good + good.substr(0, 40)).starts_with("line 2"));
  CHECK(complaint(folder, "\xff" + good).starts_with("line 1"));
  CHECK(complaint(folder, "{\"obj_label\": \"x\"}") == "line 1: no entry \"sub_label\"");
  CHECK(complaint(folder, "{\"sub_label\": \"\", \"obj_label\": \"\"}") == "line 1: obj_label: should not be empty");
  CHECK(
      complaint(folder, "{\"sub_label\": \"\", \"obj_label\": 3}").starts_with("line 1: obj_label: expected a string"));
  CHECK(complaint(folder, "{\"sub_label\": \"\", \"obj_label\": \"x\", \"predicate_id\": \"P1\"}") ==
        "line 1: there is no masked_sentences, and no template of relation P1");
  for (const char* sentence : {"no mask", "[MASK] and [MASK]"})
    CHECK(complaint(folder, std::string("{\"sub_label\": \"\", \"obj_label\": \"x\", \"masked_sentences\": [\"") +
                                sentence + "\"]}") ==
          std::string("line 1: masked_sentences: \"") + sentence + "\" should have [MASK] once");
  CHECK(complaint(folder, good.substr(0, good.size() - 2) + ", \"masked_negations\": [\"none\"]}") ==
        "line 1: masked_negations: \"none\" should have [MASK] once");
  CHECK(complaint(folder, good.substr(0, good.size() - 2) + ", \"masked_negations\": \"[MASK]\"}")
            .starts_with("line 1: masked_negations: expected an array"));
}

TEST_CASE("templates: what is damaged is named with its line") {
  const Folder folder;
  const std::string good = "{\"relation\": \"P1\", \"template\": \"[X] [Y]\"}\n";
  CHECK(complaint_about_templates(folder, good) == "");
  CHECK(complaint_about_templates(folder, "") == "there is no line");
  CHECK(complaint_about_templates(folder, good + good) == "line 2: relation P1 has a template already");
  CHECK(complaint_about_templates(folder, "{\"relation\": \"P1\", \"template\": \"[X] is\"}") ==
        "line 1: template: \"[X] is\" should have [Y] once");
  CHECK(complaint_about_templates(folder, "{\"relation\": \"P1\", \"template\": \"[Y] is\"}") ==
        "line 1: template: \"[Y] is\" should have [X]");
  CHECK(complaint_about_templates(folder, good.substr(0, good.size() - 2) + ", \"template_negated\": \"[X]\"}") ==
        "line 1: template_negated: \"[X]\" should have [Y] once");
  CHECK(complaint_about_templates(folder, "{\"template\": \"[X] [Y]\"}") == "line 1: no entry \"relation\"");
}
