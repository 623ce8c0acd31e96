#include "kilm/evaluation/readers/python_list.h"
#include "kilm/evaluation/readers/question_formats.h"

namespace kilm::evaluation {

Question dpr_question(const Columns& row) {
  check_columns(row, 2, "question and answers");
  return {.id = {}, .question = row[0], .answers = python_list(row[1])};
}

}  // namespace kilm::evaluation
