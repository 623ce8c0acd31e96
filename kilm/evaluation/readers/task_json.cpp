#include "kilm/evaluation/readers/task_json.h"

#include <cmath>

#include "tensor/base/format.h"
#include "tensor/base/json_lines.h"

namespace kilm::evaluation {

namespace {

using base::check;
using base::Json;

std::string first_sentence(const Json& json, const Columns& columns) {
  if (columns.sentence1) return base::string_at(json, *columns.sentence1);
  for (const char* key : {"sentence1", "sentence", "text"})
    if (json.find(key)) return base::string_at(json, key);
  base::fail("there is no sentence1, sentence or text");
}

std::optional<std::string> second_sentence(const Json& json, const Columns& columns) {
  if (columns.sentence2) return base::string_at(json, *columns.sentence2);
  const Json* second = json.find("sentence2");
  if (!second || second->is_null()) return std::nullopt;
  return base::string_at(json, "sentence2");
}

int64_t label_of(const Json& value) { return value.is_string() ? label_from_text(value.as_string()) : value.as_int(); }

double number_of(const Json& value) {
  const double number = value.as_number();
  check(std::isfinite(number), "{} should be finite", number);
  return number;
}

}  // namespace

TaskRow task_row_from_json(const Json& json, Answer answer, const Columns& columns) {
  check(json.is_object(), "should be a JSON object");
  TaskRow row;
  if (answer == Answer::text) {
    row.first = base::string_at(json, columns.source.value_or("source"));
    row.target = base::string_at(json, columns.target.value_or("target"));
    return row;
  }
  row.first = first_sentence(json, columns);
  row.second = second_sentence(json, columns);
  const std::string label = columns.label.value_or("label");
  if (answer == Answer::label)
    row.label = base::entry_at(json, label, label_of);
  else
    row.number = base::entry_at(json, label, number_of);
  return row;
}

}  // namespace kilm::evaluation
