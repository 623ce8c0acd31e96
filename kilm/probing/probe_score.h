// What clozes are measured by: whether the true word comes first, among the first ten, and how far down it stands.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "tensor/base/json.h"

namespace kilm::probing {

// Measures of facts by the rank of the true word; nan where there is no fact.
class RankMeasures {
 public:
  void add(int64_t rank);

  int64_t facts() const { return facts_; }
  double precision_at_1() const { return first_ / double(facts_); }
  double precision_at_10() const { return among_ten_ / double(facts_); }
  double mrr() const { return reciprocal_ / double(facts_); }  // mean reciprocal rank

 private:
  int64_t facts_ = 0;
  double first_ = 0, among_ten_ = 0, reciprocal_ = 0;
};

// The measures of all facts, of each relation, and their mean over relations.
class ProbeScore {
 public:
  void add(const std::string& relation, int64_t rank);
  void skip() { ++skipped_; }
  // Adds a fact with a negated sentence, and whether the model puts the same word first into both.
  void add_negated(bool same);

  const RankMeasures& all() const { return all_; }
  int64_t skipped() const { return skipped_; }
  // Relations in the order in which they came.
  const std::vector<std::pair<std::string, RankMeasures>>& relations() const { return relations_; }
  struct Macro {
    double precision_at_1 = 0, precision_at_10 = 0, mrr = 0;
  };
  Macro macro() const;
  int64_t negated() const { return negated_; }
  double same_top1() const { return double(same_) / double(negated_); }  // nan if none is negated

 private:
  RankMeasures all_;
  std::vector<std::pair<std::string, RankMeasures>> relations_;
  std::unordered_map<std::string, size_t> places_;
  int64_t skipped_ = 0, negated_ = 0, same_ = 0;
};

// Returns {"facts", "skipped", "precision_at_1", "precision_at_10", "mrr", "relations": {name: {"facts", ...}},
// "macro": {...}, "negated": {"facts", "same_top1"}}.
base::Json to_json(const ProbeScore& score);

}  // namespace kilm::probing
