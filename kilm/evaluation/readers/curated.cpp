#include "kilm/evaluation/readers/question_formats.h"

namespace kilm::evaluation {

Question curated_question(const Columns& row) {
  check_columns(row, 4, "id, kind, question and pattern");
  return {.id = row[0], .question = row[2], .answers = {row[3]}};
}

}  // namespace kilm::evaluation
