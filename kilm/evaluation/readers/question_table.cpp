#include "kilm/evaluation/readers/question_formats.h"

namespace kilm::evaluation {

Question table_question(const Columns& row) {
  check_columns(row, 3, "id, question and answer");
  return {.id = row[0], .question = row[1], .answers = {row[2]}};
}

}  // namespace kilm::evaluation
