#include "kilm/evaluation/readers/task_row.h"

#include <charconv>
#include <cmath>

#include "tensor/base/format.h"

namespace kilm::evaluation {

using base::check;
using base::UsageError;

namespace {

struct Part {
  const char* name;
  std::optional<std::string> Columns::*column;
};
constexpr Part kParts[] = {{"sentence1", &Columns::sentence1},
                           {"sentence2", &Columns::sentence2},
                           {"label", &Columns::label},
                           {"source", &Columns::source},
                           {"target", &Columns::target}};

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

void take_column(Columns& columns, std::string_view name, std::string_view column) {
  check<UsageError>(!column.empty(), "columns: {} should be the name of a column", name);
  for (const Part& part : kParts)
    if (name == part.name) {
      check<UsageError>(!(columns.*part.column), "columns: {} is named twice", name);
      columns.*part.column = column;
      return;
    }
  throw UsageError(base::format("columns: {} should be sentence1, sentence2, label, source or target", name));
}

}  // namespace

Columns parse_columns(std::string_view text) {
  Columns columns;
  while (true) {
    const std::string_view one = text.substr(0, text.find(','));
    const size_t equals = one.find('=');
    check<UsageError>(equals != std::string_view::npos, "columns: {} should be PART=NAME", one);
    take_column(columns, one.substr(0, equals), one.substr(equals + 1));
    if (one.size() == text.size()) return columns;
    text.remove_prefix(one.size() + 1);
  }
}

std::string to_text(const Columns& columns) {
  std::string text;
  for (const Part& part : kParts)
    if (columns.*part.column)
      text += (text.empty() ? "" : ",") + std::string(part.name) + "=" + *(columns.*part.column);
  return text;
}

int64_t label_from_text(std::string_view text) {
  if (text == "entailment") return 0;
  if (text == "not_entailment" || text == "neutral") return 1;
  if (text == "contradiction") return 2;
  const std::optional<int64_t> label = number_in<int64_t>(text);
  check(label.has_value(),
        "the label {} should be a number from 0, entailment, not_entailment, neutral or contradiction", text);
  return *label;
}

double number_from_text(std::string_view text) {
  const std::optional<double> number = number_in<double>(text);
  check(number && std::isfinite(*number), "the label {} should be a number", text);
  return *number;
}

}  // namespace kilm::evaluation
