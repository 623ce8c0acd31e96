// `kilm disambiguate` as a shell sees it.
#include <doctest/doctest.h>

#include <filesystem>
#include <sstream>

#include "tensor/base/file.h"
#include "tensor/base/json.h"
#include "tests/kilm/folder.h"
#include "tests/tools/model_folder.h"
#include "tests/tools/process.h"

namespace {

const std::string kSet =
    R"({"id": 1, "document": "A", "text": "Ann met Bob.", "start": 0, "end": 3, "title": "Ann", )"
    R"("candidates": ["Ann", {"title": "ann_B", "description": "Other"}, "Ann"]})"
    "\n"
    R"({"id": 2, "document": "A", "text": "Ann met Bob.", "start": 8, "end": 11, "title": "Robert", )"
    R"("candidates": ["Bob, dog", "Bob"]})"
    "\n"
    R"({"id": 3, "document": "B", "text": "Ann met Bob.", "start": 8, "end": 11, "title": null, "candidates": ["Bob"]})"
    "\n"
    R"({"id": 4, "document": "B", "text": "Ann met Eve.", "start": 8, "end": 11, "title": "Eve"})"
    "\n";

struct Place : Folder {
  Place() {
    write_model(*this / "model", 96);
    write("set", kSet);
    write("entities", "{\"title\": \"Robert\", \"description\": \"Someone\", \"redirects\": [\"Bob\"]}\n");
  }
  Output run(const std::string& options) const {
    return kilm("disambiguate --model " + *this / "model" + " " + options);
  }
  base::Json json(const std::string& options) const {
    const Output output = run("--json " + options);
    REQUIRE_MESSAGE(output.code == 0, output.err);
    return base::parse_json(output.out, "output");
  }
};

std::vector<base::Json> rows_of(const std::string& path) {
  std::vector<base::Json> rows;
  std::istringstream in(base::read_file(path));
  for (std::string line; std::getline(in, line);) rows.push_back(base::parse_json(line, path));
  return rows;
}

}  // namespace

TEST_CASE("kilm disambiguate: counts, measures and a line for each mention") {
  const Place place;
  const std::string options = "--data " + place / "set" + " --entities " + place / "entities" + " ";
  const base::Json json = place.json(options + "--predictions " + place / "rows");
  const std::pair<const char*, int64_t> counts[] = {{"mentions", 3},  {"nil", 1},       {"skipped", 0},
                                                    {"documents", 2}, {"predicted", 2}, {"gold_in_candidates", 2}};
  for (const auto& [name, count] : counts) CHECK(json.at(name).as_int() == count);
  CHECK(json.at("baselines").at("upper_bound").at("micro_f1").as_number() == doctest::Approx(4.0 / 5));
  CHECK(json.at("baselines").at("first").at("accuracy").as_number() == 0.5);
  CHECK(json.at("baselines").find("popular") == nullptr);
  CHECK(json.at("confidence").at("micro_f1").items().size() == 2);
  const std::vector<base::Json> rows = rows_of(place / "rows");
  REQUIRE(rows.size() == 4);
  const char* golds[] = {"Ann", "Robert", nullptr, "Eve"};
  const size_t candidates[] = {2, 2, 1, 0};
  double right = 0;
  for (size_t i = 0; i < 4; ++i) {
    CHECK(rows[i].at("id").as_int() == int64_t(i + 1));
    CHECK((golds[i] ? rows[i].at("gold").as_string() == golds[i] : rows[i].at("gold").is_null()));
    const auto& list = rows[i].at("candidates").items();
    CHECK(list.size() == candidates[i]);
    CHECK((list.empty() ? rows[i].at("predicted").is_null() : rows[i].at("predicted") == list[0].at("title")));
    if (list.size() == 2) CHECK(list[0].at("score").as_number() >= list[1].at("score").as_number());
    right += golds[i] && rows[i].at("predicted") == rows[i].at("gold");
  }
  CHECK(json.at("accuracy").as_number() == right / 2);
  const Output table = place.run(options);
  CHECK(table.out.starts_with("mentions                   3\nnil "));
  CHECK(table.out.find("\nupper_bound ") != std::string::npos);
}

TEST_CASE("kilm disambiguate: what it writes is compared as it measured, for any --batch-tokens and threads") {
  const Place place;
  const std::string options = "--score full --calibrate 0.5 --data " + place / "set" + " --predictions ";
  const base::Json json = place.json(options + place / "a");
  const base::Json small = place.json(options + place / "b" + " --batch-tokens 1");
  CHECK(small == json);
  CHECK(base::read_file(place / "a") == base::read_file(place / "b"));
  for (const char* threads : {"1", "3"}) {
    kilm("disambiguate --model " + place / "model" + " " + options + place / "b", "",
         "OMP_NUM_THREADS=" + std::string(threads));
    CHECK(base::read_file(place / "a") == base::read_file(place / "b"));
  }
  const Output compared = kilm("compare --json " + place / "a" + " " + place / "b");
  REQUIRE_MESSAGE(compared.code == 0, compared.err);
  const base::Json table = base::parse_json(compared.out, "output");
  CHECK(table.at("documents").as_int() == json.at("documents").as_int());
  for (const auto& [name, columns] : table.at("measures").members()) {
    CHECK(columns.items()[0].at("value") == json.at(name));
    CHECK(columns.items()[0].at("interval") == json.at("confidence").at(name));
  }
}

TEST_CASE("kilm disambiguate: candidates by surface, from standard input and in every format") {
  const Place place;
  place.write("candidates",
              R"({"mention": "Ann", "candidates": [{"title": "Ann", "count": 2}, {"title": "B", "count": 7}]})");
  const auto check_set = [&](const std::string& options) {
    const base::Json json = place.json(options + " --candidates " + place / "candidates");
    CHECK(json.at("mentions").as_int() == 1);
    CHECK(json.at("gold_in_candidates").as_int() == 1);
    CHECK(json.at("baselines").at("popular").at("accuracy").as_number() == 0);
    return json;
  };
  place.write(
      "kilt",
      R"({"meta": {"left_context": "by", "mention": "Ann", "right_context": ""}, "output": [{"answer": "Ann"}]})");
  check_set("--data " + place / "kilt");
  place.write("conll", "-DOCSTART- (1)\nby\nAnn\tB\tAnn\tAnn\n");
  check_set("--data " + place / "conll");
  std::filesystem::create_directories(place.path / "RawText");
  place.write("RawText/1", "by Ann");
  const auto annotation = [](const std::string& mention) {
    return "<annotation><mention>" + mention + "</mention><wikiName>Ann</wikiName><offset>3</offset></annotation>";
  };
  place.write("wned", "<s><document docName=\"1\">" + annotation("Ann") + annotation("Eve") + "</document></s>");
  CHECK(check_set("--data " + place / "wned").at("skipped").as_int() == 1);
  check_set("--texts " + place / "RawText" + " --data " + place / "wned");
  place.write("contexts", R"({"text": "seen by friends", "links": [{"title": "Ann"}]})"
                          "\n"
                          R"({"text": "gone", "links": [{"title": "B"}]})"
                          "\n"
                          R"({"text": "rivers", "links": []})"
                          "\n");
  place.write("friend", R"({"left": "friends of ", "mention": "Ann", "right": "", "gold_title": "Ann"})");
  CHECK(check_set("--contexts " + place / "contexts" + " --data " + place / "friend")
            .at("baselines")
            .at("context")
            .at("accuracy")
            .as_number() == 1);
  const Output piped =
      kilm("disambiguate --json --format kilt --data - --model " + place / "model", base::read_file(place / "kilt"));
  REQUIRE_MESSAGE(piped.code == 0, piped.err);
  CHECK(base::parse_json(piped.out, "output").at("predicted").as_int() == 0);
}

TEST_CASE("kilm disambiguate: links of paragraphs, all of them or those that may mean several things") {
  const Place place;
  place.write("candidates",
              R"({"mention": "Ann", "candidates": [{"title": "Ann", "count": 2}, {"title": "B", "count": 7}]})"
              "\n"
              R"({"mention": "Eve", "candidates": [{"title": "Eve", "count": 1}]})");
  place.write("paragraphs", R"({"title": "T", "text": "Ann, Eve", "links": [{"start": 0, "end": 3, "title": "Ann"},)"
                            R"( {"start": 5, "end": 8, "title": "Eve"}]})");
  const std::string set = "--data " + place / "paragraphs" + " --candidates " + place / "candidates";
  CHECK(place.json(set).at("mentions").as_int() == 2);
  const base::Json ambiguous = place.json(set + " --ambiguous --predictions " + place / "rows");
  CHECK(ambiguous.at("mentions").as_int() == 1);
  CHECK(ambiguous.at("baselines").at("popular").at("accuracy").as_number() == 0);
  const std::vector<base::Json> rows = rows_of(place / "rows");
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].at("mention").as_string() == "Ann");
  CHECK(rows[0].at("document").as_string() == "T");
  place.write("candidates", R"({"mention": "Ann", "candidates": [{"title": "Ann", "count": 2}]})");
  const Output none = place.run(set + " --ambiguous --json");
  CHECK(none.code == 3);
  CHECK(none.out == "");
  CHECK(none.err.find("paragraphs: holds no mention with two candidates or more") != std::string::npos);
}

TEST_CASE("kilm disambiguate: spans of words, and documents of many bytes") {
  const Place place;
  const std::string line =
      R"({"doc_title": "A", "span": [0, 1], "sentence": "Ann met Bob .", "candidates": [{"title": "Ann"}, {"title": "Al"}]})"
      "\n";
  place.write("spans", line + line);
  const base::Json json = place.json("--data " + place / "spans");
  CHECK(json.at("nil").as_int() == 2);
  CHECK(json.at("documents").as_int() == 1);
  CHECK(json.at("predicted").as_int() == 0);
  const std::string met = ", \"mention\": \"Ann\", \"left\": \"\", \"candidates\": [\"Ann\", \"Al\"], \"right\": \"";
  std::string set;
  for (int i = 0; i < 4; ++i) {
    std::string right;
    while (right.size() < (3u << 20)) right += " met Bob";
    set += "{\"id\": " + std::to_string(i) + met + right + "\"}\n";
  }
  place.write("long", set);
  place.json("--data " + place / "long" + " --predictions " + place / "rows");
  const std::vector<base::Json> rows = rows_of(place / "rows");
  REQUIRE(rows.size() == 4);
  for (size_t i = 0; i < 4; ++i) {
    CHECK(rows[i].at("id").as_int() == int64_t(i));
    CHECK(rows[i].at("candidates") == rows[0].at("candidates"));
  }
}

TEST_CASE("kilm disambiguate: damage exits with 3, wrong usage with 2, and nothing stays") {
  const Place place;
  const auto check_damage = [&](const std::string& options, const std::string& message) {
    const Output output = place.run(options + " --predictions " + place / "rows");
    CHECK(output.code == 3);
    CHECK(output.out == "");
    CHECK_MESSAGE(output.err.find(message) != std::string::npos, output.err);
    CHECK(!std::filesystem::exists(place / "rows"));
  };
  place.write("bad", kSet + "{\"text\": \"Ann\", \"start\": 0, \"end\": 9}\n");
  check_damage("--data " + place / "bad", "bad: line 5: mention: ");
  place.write("bad", "");
  check_damage("--data " + place / "bad", "bad: holds no mention");
  place.write("bad", "<s><document docName=\"a/b\"/></s>");
  check_damage("--data " + place / "bad", "bad: holds no mention");
  place.write("bad", "{}\n");
  check_damage("--data " + place / "set" + " --entities " + place / "bad", "bad: line 1: ");
  check_damage("--data " + place / "set" + " --candidates " + place / "bad", "bad: line 1: ");
  check_damage("--data " + place / "set" + " --contexts " + place / "bad", "bad: line 1: ");
  const std::string set = "--data " + place / "set";
  CHECK(place.run("--data -").code == 2);
  CHECK(place.run(set + " --texts " + place / "model").code == 2);
  CHECK(place.run(set + " --format xml").code == 2);
  CHECK(place.run(set + " --score description").code == 2);
  CHECK(place.run(set + " --batch-tokens 0").code == 2);
  CHECK(place.run(set + " --length-normalization nan").code == 2);
  CHECK(place.run(set + " --predictions " + place / "set").code == 2);
  CHECK(place.run("--data " + place / "none").code == 1);
  CHECK(kilm("disambiguate " + set + " --model " + place / "none").code == 1);
}
