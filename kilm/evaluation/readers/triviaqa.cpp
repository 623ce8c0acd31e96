#include "kilm/evaluation/readers/question_formats.h"
#include "tensor/base/json_lines.h"

namespace kilm::evaluation {

Question triviaqa_question(const base::Json& item) {
  return {.id = id_at(item, "QuestionId"),
          .question = base::string_at(item, "Question"),
          .answers = texts_at(item.at("Answer"), "NormalizedAliases")};
}

}  // namespace kilm::evaluation
