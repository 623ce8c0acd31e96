// A row of a set that a model is fine-tuned on: a text or two, and what it should say of them. Files have it as JSON
// lines (task_json.h) or as a table of GLUE (glue_table.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kilm::evaluation {

// What a model should say: a class, a number or a text.
enum class Answer : uint8_t { label, number, text };

struct TaskRow {
  std::string first;                  // the sentence, or the source
  std::optional<std::string> second;  // of a pair
  // One of these, as the answer is.
  int64_t label = 0;
  double number = 0;
  std::string target;
};

// Which fields or columns of a file are which part of a row, where they do not have the names that readers know. Those
// of Answer::text are source and target.
struct Columns {
  std::optional<std::string> sentence1, sentence2, label, source, target;
};

// Reads "sentence1=premise,label=gold". Throws UsageError for another part, one that is named twice, and an empty name.
Columns parse_columns(std::string_view text);
std::string to_text(const Columns& columns);  // the same again

// Reads a class: a number from 0, or what GLUE calls it: entailment is 0, not_entailment and neutral 1, contradiction
// 2. Throws Error for another text.
int64_t label_from_text(std::string_view text);
// Throws Error unless the text is a number, and a finite one.
double number_from_text(std::string_view text);

}  // namespace kilm::evaluation
