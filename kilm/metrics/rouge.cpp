#include "kilm/metrics/rouge.h"

#include <algorithm>

#include "kilm/metrics/ngrams.h"
#include "kilm/metrics/porter_stemmer.h"
#include "kilm/text/characters.h"
#include "kilm/text/unicode.h"

namespace kilm::metrics {

namespace {

constexpr size_t kUnstemmed = 3;  // characters of words that are too short for a stem

// Returns 2 p r / (p + r) with p = common / predicted and r = common / wanted.
double f_measure(size_t common, size_t predicted, size_t wanted) {
  return common == 0 ? 0 : 2 * double(common) / double(predicted + wanted);
}

// Uses dynamic programming over one row: lengths[j] is of the a so far and the first j of b.
size_t longest_common_subsequence(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<size_t> lengths(b.size() + 1, 0);
  for (const std::string& word : a) {
    size_t diagonal = 0;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = lengths[j];
      lengths[j] = word == b[j - 1] ? diagonal + 1 : std::max(above, lengths[j - 1]);
      diagonal = above;
    }
  }
  return lengths.back();
}

}  // namespace

std::vector<std::string> rouge_words(std::string_view text, Stemming stemming) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char c : text::full_lower_case(text)) {
    const bool counts = text::is_lower(c) || text::is_digit(c);
    if (counts && !inside) words.emplace_back();
    if (counts) words.back() += c;
    inside = counts;
  }
  if (stemming == Stemming::porter)
    for (std::string& word : words)
      if (word.size() > kUnstemmed) word = porter_stem(word);
  return words;
}

double rouge_n(const std::vector<std::string>& prediction, const std::vector<std::string>& reference, size_t n) {
  const auto runs = [n](const std::vector<std::string>& words) { return words.size() < n ? 0 : words.size() - n + 1; };
  const int64_t shared = common(count_ngrams(prediction, n), count_ngrams(reference, n));
  return f_measure(size_t(shared), runs(prediction), runs(reference));
}

double rouge_l(const std::vector<std::string>& prediction, const std::vector<std::string>& reference) {
  return f_measure(longest_common_subsequence(prediction, reference), prediction.size(), reference.size());
}

double rouge_l(std::string_view prediction, std::string_view reference, Stemming stemming) {
  return rouge_l(rouge_words(prediction, stemming), rouge_words(reference, stemming));
}

}  // namespace kilm::metrics
