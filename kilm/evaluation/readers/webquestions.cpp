#include "kilm/evaluation/readers/question_formats.h"
#include "tensor/base/json_lines.h"

namespace kilm::evaluation {

Question webquestions_question(const base::Json& item) {
  return {.id = id_at(item, "qId"), .question = base::string_at(item, "qText"), .answers = texts_at(item, "answers")};
}

}  // namespace kilm::evaluation
