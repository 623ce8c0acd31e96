#include "kilm/metrics/measures.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "kilm/metrics/answer.h"
#include "kilm/metrics/meteor.h"
#include "kilm/metrics/rouge.h"
#include "tensor/base/format.h"

namespace kilm::metrics {

using base::check;
using base::UsageError;

const char* name(Measure measure) {
  switch (measure) {
    case Measure::exact_match: return "exact_match";
    case Measure::f1: return "f1";
    case Measure::rouge1: return "rouge1";
    case Measure::rouge2: return "rouge2";
    case Measure::rougeL: return "rougeL";
    case Measure::bleu: return "bleu";
    case Measure::meteor: return "meteor";
    case Measure::accuracy: return "accuracy";
    case Measure::macro_f1: return "macro_f1";
    case Measure::matthews: return "matthews";
    case Measure::pearson: return "pearson";
    case Measure::spearman: return "spearman";
  }
  return "";
}

Operands operands(Measure measure) {
  const auto is_in = [measure](const auto& some) { return std::ranges::find(some, measure) != std::end(some); };
  return is_in(kTextMeasures) ? Operands::texts : is_in(kLabelMeasures) ? Operands::labels : Operands::numbers;
}

namespace {

using Words = std::vector<std::string>;

bool is_rouge(Measure measure) {
  return measure == Measure::rouge1 || measure == Measure::rouge2 || measure == Measure::rougeL;
}

double rouge(Measure measure, const Words& prediction, const Words& reference) {
  if (measure == Measure::rougeL) return rouge_l(prediction, reference);
  return rouge_n(prediction, reference, measure == Measure::rouge1 ? 1 : 2);
}

double of_texts(Measure measure, std::string_view prediction, std::string_view reference) {
  if (measure == Measure::exact_match) return exact_match(prediction, reference);
  return measure == Measure::f1 ? f1(prediction, reference) : meteor(prediction, reference);
}

}  // namespace

std::vector<double> best(std::span<const Measure> measures, std::string_view prediction,
                         std::span<const std::string> references) {
  std::vector<double> highest(measures.size());
  const bool stems = std::ranges::any_of(measures, is_rouge);  // which are found once for all measures
  const Words predicted = stems ? rouge_words(prediction, Stemming::porter) : Words{};
  for (const std::string& reference : references) {
    const Words wanted = stems ? rouge_words(reference, Stemming::porter) : Words{};
    for (size_t i = 0; i < measures.size(); ++i)
      highest[i] = std::max(highest[i], is_rouge(measures[i]) ? rouge(measures[i], predicted, wanted)
                                                              : of_texts(measures[i], prediction, reference));
  }
  return highest;
}

Measurement::Measurement(std::vector<Measure> measures) : measures_(std::move(measures)) {
  check<UsageError>(!measures_.empty(), "there should be at least one measure");
  for (const Measure measure : measures_)
    check<UsageError>(std::ranges::count(measures_, measure) == 1, "{} should be asked for once", name(measure));
  std::ranges::copy_if(measures_, std::back_inserter(means_), [](Measure measure) {
    return operands(measure) == Operands::texts && measure != Measure::bleu;
  });
  sums_.resize(means_.size());
}

bool Measurement::has(Measure measure) const { return std::ranges::find(measures_, measure) != measures_.end(); }

bool Measurement::wants(Operands wanted) const {
  return std::ranges::any_of(measures_, [wanted](Measure measure) { return operands(measure) == wanted; });
}

void Measurement::add(const std::string& prediction, std::span<const std::string> references) {
  ++texts_;
  if (has(Measure::bleu)) bleu_.add(bleu_counts(prediction, references));
  const std::vector<double> values = best(means_, prediction, references);
  for (size_t i = 0; i < values.size(); ++i) sums_[i] += values[i];
}

void Measurement::add_labels(const std::string& prediction, const std::string& reference) {
  labels_.add(prediction, reference);
}

void Measurement::add_numbers(double prediction, double reference) {
  if (has(Measure::pearson)) pearson_.add(prediction, reference);
  if (has(Measure::spearman)) spearman_.add(prediction, reference);
}

double Measurement::value(Measure measure) const {
  switch (measure) {
    case Measure::bleu: return texts_ == 0 ? std::nan("") : bleu_.value();
    case Measure::accuracy: return labels_.accuracy();
    case Measure::macro_f1: return labels_.macro_f1();
    case Measure::matthews: return labels_.matthews();
    case Measure::pearson: return pearson_.value();
    case Measure::spearman: return spearman_.value();
    default: break;
  }
  const size_t place = size_t(std::ranges::find(means_, measure) - means_.begin());
  return texts_ == 0 ? std::nan("") : sums_.at(place) / double(texts_);
}

base::Json Measurement::to_json() const {
  base::Json json = base::Json::object();
  for (const Measure measure : measures_) json.set(name(measure), value(measure));
  return json;
}

}  // namespace kilm::metrics
