#include "tests/tools/question_index.h"

#include "kilm/answering/shots.h"

void write_index_with_damage(const std::string& path) {
  kilm::retrieval::IndexWriter writer(path, 100);
  const kilm::evaluation::Question question{.id = "a", .question = "the deep lake", .answers = {"x"}};
  writer.add(question.question, kilm::answering::to_record(question));
  writer.add("a red river", "no question");
  writer.commit();
}
