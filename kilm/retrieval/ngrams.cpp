#include "kilm/retrieval/ngrams.h"

#include "kilm/retrieval/murmur_hash.h"
#include "kilm/retrieval/stop_words.h"
#include "kilm/text/unicode.h"

namespace kilm::retrieval {

namespace {

bool is_of_word(char32_t c) { return text::is_letter(c) || text::is_number(c); }

bool says_little(const std::string& token) {
  return text::is_punctuation(text::first_character(token)) || is_stop_word(token);
}

}  // namespace

std::vector<std::string> tokens(std::string_view text) {
  const std::string whole = text::decomposed(text);
  const std::string_view all = whole;
  const auto next = [&](size_t at) { return at + text::utf8_size(text::first_character(all.substr(at))); };
  std::vector<std::string> result;
  for (size_t begin = 0, end = 0; begin < all.size(); begin = end) {
    const char32_t c = text::first_character(all.substr(begin));
    end = next(begin);
    if (text::is_separator_or_control(c)) continue;
    if (is_of_word(c))
      while (end < all.size() && is_of_word(text::first_character(all.substr(end)))) end = next(end);
    result.push_back(text::full_lower_case(all.substr(begin, end - begin)));
  }
  return result;
}

std::vector<std::string> ngrams(std::string_view text) {
  const std::vector<std::string> words = tokens(text);
  std::vector<std::string> result;
  bool says = !words.empty() && !says_little(words[0]);
  for (size_t i = 0; i < words.size(); ++i) {
    const bool next_says = i + 1 < words.size() && !says_little(words[i + 1]);
    if (says) result.push_back(words[i]);
    if (says && next_says) result.push_back(words[i] + " " + words[i + 1]);
    says = next_says;
  }
  return result;
}

std::vector<uint32_t> ngram_buckets(std::string_view text, uint32_t buckets) {
  std::vector<uint32_t> result;
  for (const std::string& ngram : ngrams(text)) result.push_back(murmur_hash3(ngram) % buckets);
  return result;
}

}  // namespace kilm::retrieval
