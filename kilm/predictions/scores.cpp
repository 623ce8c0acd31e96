#include "kilm/predictions/scores.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <unordered_map>
#include <utility>

#include "kilm/metrics/measure_lines.h"
#include "tensor/base/choice.h"
#include "tensor/base/format.h"

namespace kilm::predictions {

namespace {

using base::check;
using metrics::Measure;

using Times = std::span<const double>;

// Returns, for each row, which document it is of, and their number.
std::pair<std::vector<size_t>, size_t> documents_of(const std::vector<Mention>& rows) {
  std::unordered_map<std::string, size_t> numbers;
  std::vector<size_t> result;
  for (const Mention& row : rows) result.push_back(numbers.try_emplace(row.document, numbers.size()).first->second);
  return {std::move(result), numbers.size()};
}

Scores scores_of_mentions(const std::vector<Mention>& rows) {
  const auto [document, documents] = documents_of(rows);
  std::vector<MentionCounts> counts(documents);
  for (size_t i = 0; i < rows.size(); ++i) counts[document[i]].add(rows[i]);
  return scores_of_documents(std::move(counts));
}

// Measures that are means of one number of each row.
Scores means(std::vector<std::string> names, std::vector<std::vector<double>> values) {
  const size_t rows = values.empty() ? 0 : values[0].size();
  const auto measure = [values = std::move(values)](Times times) {
    std::vector<double> result;
    for (const std::vector<double>& column : values) {
      double sum = 0, count = 0;
      for (size_t i = 0; i < column.size(); ++i) {
        sum += times[i] * column[i];
        count += times[i];
      }
      result.push_back(sum / count);
    }
    return result;
  };
  return {std::move(names), rows, false, measure};
}

Scores scores_of_questions(const std::vector<Question>& rows) {
  std::vector<double> exact, f1;
  for (const Question& row : rows) {
    exact.push_back(row.exact_match);
    if (row.f1) f1.push_back(*row.f1);
  }
  if (f1.size() < rows.size()) return means({"exact_match"}, {exact});
  return means({"exact_match", "f1"}, {exact, f1});
}

Scores scores_of_clozes(const std::vector<Cloze>& rows) {
  std::map<std::string, size_t> relations;
  std::vector<size_t> relation;
  std::vector<std::array<double, 3>> values;  // precision at 1 and 10, reciprocal rank
  for (const Cloze& row : rows) {
    relation.push_back(relations.try_emplace(row.relation, relations.size()).first->second);
    values.push_back({double(row.rank <= 1), double(row.rank <= 10), 1 / double(row.rank)});
  }
  const auto measure = [relation, values, count = relations.size()](Times times) {
    std::vector<double> facts(count);
    std::vector<std::array<double, 3>> sums(count);
    for (size_t i = 0; i < values.size(); ++i) {
      facts[relation[i]] += times[i];
      for (size_t k = 0; k < 3; ++k) sums[relation[i]][k] += times[i] * values[i][k];
    }
    std::vector<double> result(6);
    double all = 0, met = 0;
    for (size_t r = 0; r < count; ++r) {
      if (facts[r] == 0) continue;
      all += facts[r];
      ++met;
      for (size_t k = 0; k < 3; ++k) {
        result[k] += sums[r][k];
        result[3 + k] += sums[r][k] / facts[r];
      }
    }
    for (size_t k = 0; k < 6; ++k) result[k] /= k < 3 ? all : met;
    return result;
  };
  return {{"precision_at_1", "precision_at_10", "mrr", "macro_precision_at_1", "macro_precision_at_10", "macro_mrr"},
          rows.size(),
          false,
          measure};
}

template <size_t N>
std::vector<std::string> names_of(const Measure (&measures)[N]) {
  return base::names_of<Measure>(measures);
}

constexpr Measure kMeans[] = {Measure::exact_match, Measure::f1, Measure::rouge1, Measure::rouge2, Measure::rougeL};

Scores scores_of_texts(const std::vector<Example>& rows) {
  std::vector<std::vector<double>> values(std::size(kMeans));
  std::vector<metrics::BleuCounts> counts;
  for (const Example& row : rows) {
    const std::vector<std::string> reference = {row.reference.as_string()};
    const std::vector<double> best = metrics::best(kMeans, row.prediction.as_string(), reference);
    for (size_t k = 0; k < best.size(); ++k) values[k].push_back(best[k]);
    counts.push_back(metrics::bleu_counts(row.prediction.as_string(), reference));
  }
  Scores scores = means(names_of(kMeans), std::move(values));
  scores.names.push_back(name(Measure::bleu));
  scores.measure = [others = scores.measure, counts = std::move(counts)](Times times) {
    std::vector<double> result = others(times);
    metrics::BleuCounts all;
    for (size_t i = 0; i < counts.size(); ++i) all.add(counts[i], int64_t(times[i]));
    result.push_back(all.value());
    return result;
  };
  return scores;
}

// Counts pairs of labels once, so that a draw touches each of a few pairs and not its text.
Scores scores_of_labels(const std::vector<Example>& rows) {
  std::map<std::pair<std::string, std::string>, size_t> numbers;
  std::vector<size_t> pair;
  for (const Example& row : rows)
    pair.push_back(
        numbers.try_emplace({metrics::label_of(row.prediction), metrics::label_of(row.reference)}, numbers.size())
            .first->second);
  const auto measure = [pair, numbers](Times times) -> std::vector<double> {
    std::vector<double> sums(numbers.size());
    for (size_t i = 0; i < pair.size(); ++i) sums[pair[i]] += times[i];
    metrics::LabelCounts counts;
    for (const auto& [labels, number] : numbers) counts.add(labels.first, labels.second, sums[number]);
    return {counts.accuracy(), counts.macro_f1(), counts.matthews()};
  };
  return {names_of(metrics::kLabelMeasures), rows.size(), false, measure};
}

Scores scores_of_numbers(const std::vector<Example>& rows) {
  std::vector<std::pair<double, double>> numbers;
  for (const Example& row : rows) numbers.emplace_back(row.prediction.as_number(), row.reference.as_number());
  const auto measure = [numbers](Times times) -> std::vector<double> {
    metrics::Pearson pearson;
    metrics::Spearman spearman;
    for (size_t i = 0; i < numbers.size(); ++i) {
      pearson.add(numbers[i].first, numbers[i].second, times[i]);
      for (double n = times[i]; n > 0; --n) spearman.add(numbers[i].first, numbers[i].second);
    }
    return {pearson.value(), spearman.value()};
  };
  return {names_of(metrics::kNumberMeasures), rows.size(), false, measure};
}

enum class Task { texts, labels, numbers };

Task task_of(const Example& row) {
  return !row.logits ? Task::texts : row.logits->size() == 1 ? Task::numbers : Task::labels;
}

Scores scores_of_examples(const std::vector<Example>& rows) {
  const Task task = task_of(rows.front());
  for (size_t i = 0; i < rows.size(); ++i)
    check(task_of(rows[i]) == task, "line {}: has not as many logits as the first has for its task", i + 1);
  if (task == Task::texts) return scores_of_texts(rows);
  return task == Task::labels ? scores_of_labels(rows) : scores_of_numbers(rows);
}

template <class Kind>
std::vector<Kind> all_as(const std::vector<Row>& rows) {
  std::vector<Kind> result;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Kind* one = std::get_if<Kind>(&rows[i]);
    check(one != nullptr, "line {}: is of {}, the first of {}", i + 1, kind_of(rows[i]), kind_of(rows.front()));
    result.push_back(*one);
  }
  return result;
}

}  // namespace

void MentionCounts::add(const Mention& row) {
  if (!row.gold) return;
  ++mentions;
  predicted += row.predicted.has_value();
  right += row.predicted == row.gold;
  gold_in_candidates += std::ranges::any_of(
      row.candidates, [&](const Mention::Candidate& candidate) { return candidate.title == *row.gold; });
}

double MentionCounts::accuracy() const { return right / gold_in_candidates; }
double MentionCounts::micro_precision() const { return predicted == 0 && mentions > 0 ? 0 : right / predicted; }
double MentionCounts::micro_recall() const { return right / mentions; }
double MentionCounts::micro_f1() const { return 2 * right / (predicted + mentions); }

Scores scores_of_documents(std::vector<MentionCounts> counts) {
  const size_t documents = counts.size();
  const auto measure = [counts = std::move(counts)](Times times) -> std::vector<double> {
    MentionCounts all;
    double macro = 0, predicted = 0;
    for (size_t i = 0; i < counts.size(); ++i) {
      all.mentions += times[i] * counts[i].mentions;
      all.predicted += times[i] * counts[i].predicted;
      all.right += times[i] * counts[i].right;
      all.gold_in_candidates += times[i] * counts[i].gold_in_candidates;
      if (counts[i].predicted == 0) continue;
      macro += times[i] * counts[i].micro_f1();
      predicted += times[i];
    }
    return {all.accuracy(), all.micro_precision(), all.micro_recall(), all.micro_f1(), macro / predicted};
  };
  return {{"accuracy", "micro_precision", "micro_recall", "micro_f1", "macro_f1"}, documents, true, measure};
}

Scores scores_of(const std::vector<Row>& rows) {
  check(!rows.empty(), "there is no line");
  const Row& first = rows.front();
  if (std::holds_alternative<Mention>(first)) return scores_of_mentions(all_as<Mention>(rows));
  if (std::holds_alternative<Question>(first)) return scores_of_questions(all_as<Question>(rows));
  if (std::holds_alternative<Cloze>(first)) return scores_of_clozes(all_as<Cloze>(rows));
  return scores_of_examples(all_as<Example>(rows));
}

}  // namespace kilm::predictions
