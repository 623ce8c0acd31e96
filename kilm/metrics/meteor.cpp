#include "kilm/metrics/meteor.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_map>
#include <vector>

#include "kilm/metrics/porter_stemmer.h"
#include "kilm/text/unicode.h"

namespace kilm::metrics {

namespace {

constexpr double kAlpha = 0.9, kBeta = 3, kGamma = 0.5;

// A word and its place among the words of its text.
struct Word {
  std::string form;
  size_t place;
};

struct Match {
  size_t prediction, reference;  // places
};

std::vector<Word> words_of(std::string_view text) {
  const std::string lower = text::full_lower_case(text);
  std::vector<Word> words;
  for (const std::string_view word : text::split_at_white_space(lower))
    words.push_back({std::string(word), words.size()});
  return words;
}

// Appends the matches of equal words, and leaves those without one in both lists.
void match(std::vector<Word>& predicted, std::vector<Word>& wanted, std::vector<Match>& matches) {
  std::unordered_map<std::string, std::vector<size_t>> free;  // places of a form, the last at the back
  for (const Word& word : wanted) free[word.form].push_back(word.place);
  std::vector<Word> unmatched;
  for (size_t i = predicted.size(); i-- > 0;) {
    const auto found = free.find(predicted[i].form);
    if (found == free.end() || found->second.empty()) {
      unmatched.push_back(std::move(predicted[i]));
    } else {
      matches.push_back({predicted[i].place, found->second.back()});
      found->second.pop_back();
    }
  }
  std::reverse(unmatched.begin(), unmatched.end());
  predicted = std::move(unmatched);
  std::erase_if(wanted, [&](const Word& word) {
    const std::vector<size_t>& places = free[word.form];
    return places.empty() || places.back() < word.place;
  });
}

// Counts runs of matches that are neighbours in both texts.
size_t count_chunks(const std::vector<Match>& matches) {
  size_t chunks = 1;
  for (size_t i = 1; i < matches.size(); ++i)
    if (matches[i].prediction != matches[i - 1].prediction + 1 || matches[i].reference != matches[i - 1].reference + 1)
      ++chunks;
  return chunks;
}

}  // namespace

double meteor(std::string_view prediction, std::string_view reference) {
  std::vector<Word> predicted = words_of(prediction), wanted = words_of(reference);
  const size_t predicted_words = predicted.size(), wanted_words = wanted.size();
  std::vector<Match> matches;
  match(predicted, wanted, matches);
  for (Word& word : predicted) word.form = porter_stem(word.form);
  for (Word& word : wanted) word.form = porter_stem(word.form);
  match(predicted, wanted, matches);
  if (matches.empty()) return 0;
  std::sort(matches.begin(), matches.end(), [](const Match& a, const Match& b) { return a.prediction < b.prediction; });

  const double count = double(matches.size());
  const double precision = count / double(predicted_words), recall = count / double(wanted_words);
  const double mean = precision * recall / (kAlpha * precision + (1 - kAlpha) * recall);
  const double fragmentation = double(count_chunks(matches)) / count;
  return (1 - kGamma * std::pow(fragmentation, kBeta)) * mean;
}

}  // namespace kilm::metrics
