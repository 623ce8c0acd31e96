#include "kilm/metrics/measures.h"

#include <algorithm>
#include <cmath>

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

double of_pair(Measure measure, std::string_view prediction, std::string_view reference) {
  if (measure == Measure::exact_match) return exact_match(prediction, reference);
  if (measure == Measure::f1) return f1(prediction, reference);
  if (measure == Measure::meteor) return meteor(prediction, reference);
  const auto predicted = rouge_words(prediction, Stemming::porter), wanted = rouge_words(reference, Stemming::porter);
  if (measure == Measure::rouge1) return rouge_n(predicted, wanted, 1);
  if (measure == Measure::rouge2) return rouge_n(predicted, wanted, 2);
  return rouge_l(predicted, wanted);
}

}  // namespace

double best(Measure measure, std::string_view prediction, std::span<const std::string> references) {
  double highest = 0;
  for (const std::string& reference : references) highest = std::max(highest, of_pair(measure, prediction, reference));
  return highest;
}

Measurement::Measurement(std::vector<Measure> measures) : measures_(std::move(measures)) {
  check<UsageError>(!measures_.empty(), "there should be at least one measure");
  for (const Measure measure : measures_)
    check<UsageError>(std::ranges::count(measures_, measure) == 1, "{} should be asked for once", name(measure));
}

bool Measurement::has(Measure measure) const { return std::ranges::find(measures_, measure) != measures_.end(); }

bool Measurement::wants(Operands wanted) const {
  return std::ranges::any_of(measures_, [wanted](Measure measure) { return operands(measure) == wanted; });
}

void Measurement::add(const std::string& prediction, std::span<const std::string> references) {
  ++texts_;
  for (const Measure measure : measures_) {
    if (measure == Measure::bleu)
      bleu_.add(bleu_counts(prediction, references));
    else if (operands(measure) == Operands::texts)
      sums_[measure] += best(measure, prediction, references);
  }
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
    default: return texts_ == 0 ? std::nan("") : sums_.at(measure) / double(texts_);
  }
}

base::Json Measurement::to_json() const {
  base::Json json = base::Json::object();
  for (const Measure measure : measures_) json.set(name(measure), value(measure));
  return json;
}

}  // namespace kilm::metrics
