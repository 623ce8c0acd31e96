// Rows of a task as JSON lines: {"sentence1", "sentence2" (optional), "label"}, where "sentence" and "text" are also
// first sentences, or {"source", "target"}.
#pragma once

#include "kilm/evaluation/readers/task_row.h"
#include "tensor/base/json.h"

namespace kilm::evaluation {

// Reads a row. A sentence2 of null is none. A label is an integer or one of GLUE's words, a number any number. Throws
// Error where a field is missing or of another type.
TaskRow task_row_from_json(const base::Json& json, Answer answer, const Columns& columns);

}  // namespace kilm::evaluation
