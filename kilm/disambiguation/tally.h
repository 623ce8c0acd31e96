// How well mentions were disambiguated, and how well without a model: numbers that are taken as predictions come, so
// that none of them is kept. What grows with a set is some 40 bytes for each of its documents, and their names.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "kilm/evaluation/readers/mentions.h"
#include "kilm/metrics/bootstrap.h"
#include "kilm/predictions/scores.h"
#include "tensor/base/json.h"

namespace kilm::disambiguation {

// A way to choose among candidates without a model.
struct Baseline {
  std::string name;
  double accuracy = 0, micro_f1 = 0;
};

struct Summary {
  int64_t mentions = 0, nil = 0, skipped = 0, documents = 0, predicted = 0, gold_in_candidates = 0;
  std::vector<std::string> names;  // of the measures
  std::vector<double> values;      // nan where a measure is not defined
  std::vector<metrics::Interval> intervals;
  std::vector<Baseline> baselines;
};

// Returns one object: counts, measures, {"baselines": {name: {"accuracy", "micro_f1"}}, "confidence": {measure: [low,
// high]}}.
base::Json to_json(const Summary& summary);

class Tally {
 public:
  // Adds a mention, completed, and what was predicted of it. `context` is the place of the candidate that a bag of
  // words chooses (contexts.h), if one was asked.
  void add(const evaluation::MentionItem& mention, const predictions::Mention& row, std::optional<size_t> context = {});

  // Measures all that was added; intervals of 95 % by 1,000 draws of documents. Baselines are `first`, the first
  // candidate; `random`, what a uniform choice has on average; `popular`, the candidate of the highest count, the
  // earlier of equal ones, if every candidate has a count; `context`, if it was asked; `upper_bound`, gold wherever it
  // is a candidate.
  Summary summary(int64_t skipped) const;

 private:
  size_t document_of(const evaluation::MentionItem& mention);

  std::vector<predictions::MentionCounts> documents_;
  std::unordered_map<std::string, size_t> numbers_;  // of the documents that have a name
  int64_t nil_ = 0;
  bool all_have_counts_ = true;
  bool any_context_ = false;
  double first_ = 0, random_ = 0, popular_ = 0, context_ = 0;  // right ones
};

}  // namespace kilm::disambiguation
