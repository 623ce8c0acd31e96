// The measures by the names that users know, over lines that come one after the other.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kilm/metrics/bleu.h"
#include "kilm/metrics/correlation.h"
#include "kilm/metrics/labels.h"
#include "tensor/base/json.h"

namespace kilm::metrics {

// clang-format off
enum class Measure {
  exact_match, f1, rouge1, rouge2, rougeL, bleu, meteor,
  accuracy, macro_f1, matthews,
  pearson, spearman
};
// clang-format on
inline constexpr Measure kTextMeasures[] = {Measure::exact_match, Measure::f1,   Measure::rouge1, Measure::rouge2,
                                            Measure::rougeL,      Measure::bleu, Measure::meteor};
inline constexpr Measure kLabelMeasures[] = {Measure::accuracy, Measure::macro_f1, Measure::matthews};
inline constexpr Measure kNumberMeasures[] = {Measure::pearson, Measure::spearman};
inline constexpr Measure kMeasures[] = {Measure::exact_match, Measure::f1,       Measure::rouge1,  Measure::rouge2,
                                        Measure::rougeL,      Measure::bleu,     Measure::meteor,  Measure::accuracy,
                                        Measure::macro_f1,    Measure::matthews, Measure::pearson, Measure::spearman};
const char* name(Measure measure);

// What a measure compares.
enum class Operands { texts, labels, numbers };
Operands operands(Measure measure);

// Some measures over lines. Memory does not grow with the lines, but for spearman, which keeps two numbers of each, and
// with the number of labels.
class Measurement {
 public:
  // Throws UsageError if there is none, or one twice.
  explicit Measurement(std::vector<Measure> measures);

  // Tells whether a measure compares these; each line must then be added as such, by the function below.
  bool wants(Operands operands) const;
  // Adds a line. Of texts, each measure takes its best over the references, of which there is one at least.
  void add(const std::string& prediction, std::span<const std::string> references);
  void add_labels(const std::string& prediction, const std::string& reference);
  void add_numbers(double prediction, double reference);

  // Returns the mean over lines; of bleu, labels and numbers, the measure of all lines together. It is a share, for
  // bleu 0 to 100, and nan where it is not defined.
  double value(Measure measure) const;
  base::Json to_json() const;  // {name: value}, null for nan, in the order that they were asked for

 private:
  bool has(Measure measure) const;

  std::vector<Measure> measures_;
  std::vector<Measure> means_;  // of these, those that are means over texts
  int64_t texts_ = 0;
  std::vector<double> sums_;  // of means_
  BleuCounts bleu_;
  LabelCounts labels_;
  Pearson pearson_;
  Spearman spearman_;
};

// Returns of one text, for each of some measures, the best over references. The measures are those that are means over
// lines: exact_match, f1, rouge1, rouge2, rougeL, meteor.
std::vector<double> best(std::span<const Measure> measures, std::string_view prediction,
                         std::span<const std::string> references);

}  // namespace kilm::metrics
