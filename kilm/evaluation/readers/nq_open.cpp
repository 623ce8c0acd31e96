#include "kilm/evaluation/readers/question_formats.h"
#include "tensor/base/json_lines.h"

namespace kilm::evaluation {

Question nq_open_question(const base::Json& line) {
  Question question{.id = {}, .question = base::string_at(line, "question"), .answers = texts_at(line, "answer")};
  if (line.find("id")) question.id = id_at(line, "id");
  return question;
}

}  // namespace kilm::evaluation
