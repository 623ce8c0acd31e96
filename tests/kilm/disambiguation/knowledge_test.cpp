#include "kilm/disambiguation/knowledge.h"

#include <doctest/doctest.h>

#include "tests/kilm/folder.h"
#include "tests/kilm/read_mentions.h"

using kilm::disambiguation::Knowledge;
using kilm::evaluation::MentionItem;

namespace {

MentionItem mention(const std::string& surface, std::optional<std::string> gold,
                    std::vector<kilm::evaluation::MentionCandidate> candidates) {
  return {.id = 0,
          .document = "d",
          .text = std::make_shared<const std::string>(surface),
          .start = 0,
          .end = int64_t(surface.size()),
          .title = gold,
          .candidates = std::move(candidates)};
}

std::string completed(const Knowledge& knowledge, MentionItem item) {
  knowledge.complete(item);
  return tests::line_of(item);
}

}  // namespace

TEST_CASE("knowledge: redirects are followed, descriptions given, and a title that came before is dropped") {
  const Folder folder;
  folder.write("entities",
               "{\"title\": \"Rome\", \"description\": \"City\", \"redirects\": [\"roma\", \"Paris\"]}\n"
               "{\"title\": \"Paris\", \"description\": \"Capital\", \"source\": \"first_sentence\"}\n");
  const Knowledge knowledge(folder / "entities", std::nullopt);
  CHECK(completed(knowledge, mention("x", "Roma",
                                     {{"Roma"},
                                      {"Paris", "Own", 2.0},
                                      {"Rome", "Late", 9.0},
                                      {"Bonn", std::nullopt, 1.0},
                                      {"Bonn", "Again"}})) ==
        "0 d [x] -> Rome {Rome: City} {Paris: Own (2.0)} {Bonn (1.0)}");
  CHECK(completed(knowledge, mention("x", std::nullopt, {{"Paris", ""}})) == "0 d [x] -> null {Paris: Capital}");
}

TEST_CASE("knowledge: candidates by exact surface, for mentions that bring none") {
  const Folder folder;
  folder.write("candidates",
               "{\"mention\": \"Rome\", \"candidates\": [{\"title\": \"rome\", \"count\": 5}, \"Rome (band)\"]}\n"
               "{\"mention\": \"Rome\", \"candidates\": [\"Late\"]}\n");
  const Knowledge knowledge(std::nullopt, folder / "candidates");
  CHECK(completed(knowledge, mention("Rome", "A", {})) == "0 d [Rome] -> A {Rome (5.0)} {Rome (band)}");
  CHECK(completed(knowledge, mention("rome", "A", {})) == "0 d [rome] -> A");
  CHECK(completed(knowledge, mention("Rome", "A", {{"B"}})) == "0 d [Rome] -> A {B}");
  CHECK(completed(Knowledge({}, {}), mention("Rome", "A", {})) == "0 d [Rome] -> A");
}

TEST_CASE("knowledge: damage is named with its line") {
  const Folder folder;
  for (const char* line :
       {"{\"title\": \"A\"}", "{\"title\": \" \", \"description\": \"\"}",
        "{\"title\": \"A\", \"description\": \"\", \"redirects\": [1]}", "{\"description\": \"\"}"}) {
    folder.write("entities", line);
    CHECK_THROWS_WITH_AS(Knowledge(folder / "entities", {}), doctest::Contains("entities: line 1: "),
                         base::DamagedInput);
  }
  for (const char* line :
       {"{\"mention\": \"A\"}", "{\"candidates\": []}", "{\"mention\": \"A\", \"candidates\": [2]}"}) {
    folder.write("candidates", line);
    CHECK_THROWS_WITH_AS(Knowledge({}, folder / "candidates"), doctest::Contains("candidates: line 1: "),
                         base::DamagedInput);
  }
}
