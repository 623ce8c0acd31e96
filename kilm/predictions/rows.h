// What a model said of each item of a data set, as commands write it with --predictions: a JSON line per item, in the
// order of the data. Each struct is the row of one kind.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tensor/base/json.h"

namespace kilm::predictions {

// A mention and its candidates: kilm disambiguate. Titles stand in the form in which they are compared, redirects
// followed, so that a prediction is right if it is the same text as gold.
struct Mention {
  struct Candidate {
    std::string title;
    double score = 0;
  };
  base::Json id;  // text or integer
  std::string document, mention;
  std::optional<std::string> gold, predicted;  // nothing: not in the knowledge base, no candidate
  std::vector<Candidate> candidates;           // best first
};

// A question: kilm qa.
struct Question {
  base::Json id;
  std::string question, prediction;
  std::vector<std::string> answers;
  double exact_match = 0;
  std::optional<double> f1;       // nothing where answers are patterns
  std::vector<base::Json> shots;  // ids
};

// A fact with a word left out: kilm probe.
struct Cloze {
  std::string relation, subject, gold;
  int64_t rank = 1;
  double gold_score = 0;
  std::string predicted;
  double predicted_score = 0;
};

// An example of a task: kilm finetune. Texts; else labels with a logit for each class, or numbers with one logit.
struct Example {
  base::Json prediction, reference;
  std::optional<std::vector<double>> logits;
};

using Row = std::variant<Mention, Question, Cloze, Example>;

base::Json to_json(const Row& row);
// Tells the kind by its fields. Throws Error where there is no such kind, or where a field is missing or of another
// type.
Row row_from_json(const base::Json& json);

// Reads a file of them, "-" for standard input. Throws DamagedInput that names the line.
std::vector<Row> read_rows(const std::string& path);

// Names the kind for people: mentions, questions, clozes, examples.
const char* kind_of(const Row& row);

// Tells whether a line of JSON can be such a row's, by the names of its fields.
bool is_row(const base::Json& json);

}  // namespace kilm::predictions
