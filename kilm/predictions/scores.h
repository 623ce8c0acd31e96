// What rows of one kind are measured by.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "kilm/metrics/bootstrap.h"
#include "kilm/predictions/rows.h"

namespace kilm::predictions {

// How mentions of a document, or of several, were disambiguated. Those whose gold is nothing are left out.
struct MentionCounts {
  double mentions = 0, predicted = 0, right = 0, gold_in_candidates = 0;

  void add(const Mention& row);
  double accuracy() const;  // of those whose gold is among the candidates
  // Without a mention these are nan; without a prediction the precision is 0.
  double micro_precision() const, micro_recall() const, micro_f1() const;
};

// Rows with their measures, which a bootstrap can take again over some of their documents.
struct Scores {
  std::vector<std::string> names;     // of the measures
  size_t documents = 0;               // a document's mentions belong together; any other row is one of its own
  bool has_documents = false;         // whether rows name them
  metrics::WeightedMeasures measure;  // over documents, in the order in which they come first
};

// Scores mentions whose documents are counted already, as scores_of does.
Scores scores_of_documents(std::vector<MentionCounts> documents);

// Scores rows by their kind, which is the same for all:
//   mentions   accuracy micro_precision micro_recall micro_f1 macro_f1; the last over documents that have a prediction
//   questions  exact_match; f1, too, where every question has one
//   clozes     precision_at_1 precision_at_10 mrr; the same with macro_ in front are means over relations
//   examples   of texts exact_match f1 rouge1 rouge2 rougeL bleu
//              of labels accuracy macro_f1 matthews
//              of numbers pearson spearman
// Throws Error, which names the number of the row, if one is of another kind than the first or an example of another
// task. Throws it, too, if there is no row.
Scores scores_of(const std::vector<Row>& rows);

}  // namespace kilm::predictions
