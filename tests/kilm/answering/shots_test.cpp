#include "kilm/answering/shots.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"
#include "tests/kilm/folder.h"

using namespace kilm::answering;
using kilm::evaluation::Question;

namespace {

const std::string kTable =
    "1\twho rules the red river\tAnn\n2\twhere is the deep lake\there\n3\twhen was the lake dug\t1900\n"
    "4\thow high is the hill\t90 m\n5\tis the sea salty\tyes\n6\twhich road is long\tthis\n";

std::string ids(const std::vector<Question>& shots) {
  std::string result;
  for (const Question& shot : shots) result += shot.id.dump() + "=" + shot.answers[0] + " ";
  return result;
}

}  // namespace

TEST_CASE("a question comes back from its record; what is no record is damage") {
  const Question question{.id = "a", .question = "who", .answers = {"x", "y"}};
  const Question back = question_in(to_record(question), "place");
  CHECK(back.id == question.id);
  CHECK(back.question == "who");
  CHECK(back.answers == question.answers);
  CHECK(question_in(to_record({.id = 7, .question = "q", .answers = {"z"}}), "place").id == base::Json(7));
  const std::string record = to_record(question);
  for (size_t size = 0; size < record.size(); ++size)
    CHECK_THROWS_AS(question_in(record.substr(0, size), "place"), base::DamagedInput);
  CHECK_THROWS_AS(question_in(record + "x", "place"), base::DamagedInput);
  CHECK_THROWS_AS(question_in(to_record({.id = 1, .question = "q", .answers = {}}), "place"), base::DamagedInput);
  CHECK_THROWS_AS(question_in(to_record({.id = base::Json(), .question = "q", .answers = {"x"}}), "place"),
                  base::DamagedInput);
}

TEST_CASE("shots are the questions that are most similar, from a file or from an index of it") {
  const Folder folder;
  folder.write("table", kTable);
  {
    kilm::evaluation::QuestionFile file(folder / "table");
    kilm::retrieval::IndexWriter writer(folder / "index");
    int64_t told = 0;
    CHECK(index_questions(file, writer, [&] { ++told; }).documents() == 6);
    CHECK(told == 6);
  }
  for (const char* name : {"table", "index"}) {
    const Shots shots(folder / name, 2, {});
    CHECK(ids(shots.of("who dug the deep lake?")) == "\"2\"=here \"3\"=1900 ");
    CHECK(ids(shots.of("the red hill")) == "\"1\"=Ann \"4\"=90 m ");
    CHECK(ids(shots.of("nothing like it")) == "");
  }
}

TEST_CASE("drawn shots are the same for every question, and others for another seed") {
  const Folder folder;
  folder.write("table", kTable);
  const Shots shots(folder / "table", 3, 5);
  const std::string drawn = ids(shots.of("who"));
  CHECK(ids(shots.of("the deep lake")) == drawn);
  CHECK(ids(Shots(folder / "table", 3, 5).of("")) == drawn);
  CHECK(shots.of("").size() == 3);
  bool differs = false;
  for (uint64_t seed = 6; seed < 12; ++seed) differs = differs || ids(Shots(folder / "table", 3, seed).of("")) != drawn;
  CHECK(differs);
  const std::vector<Question> all = Shots(folder / "table", 9, 1).of("");
  CHECK(all.size() == 6);  // as many as there are, each once
  for (size_t i = 0; i < all.size(); ++i)
    for (size_t j = 0; j < i; ++j) CHECK(all[i].id != all[j].id);
}

TEST_CASE("patterns are no answers of shots") {
  const Folder folder;
  folder.write("curated", "1\tfactoid\twho\tAnn|Lee\n");
  CHECK_THROWS_AS(Shots(folder / "curated", 1, {}), base::UsageError);
}
