#include "kilm/metrics/answer.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include "kilm/text/unicode.h"

namespace kilm::metrics {

namespace {

bool is_ascii_punctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

std::string without_punctuation(std::string text) {
  std::erase_if(text, is_ascii_punctuation);
  return text;
}

std::string with_spaces_for_punctuation(std::string_view text) {
  static constexpr std::string_view kQuotes[] = {"‘", "’", "´"};
  std::string result;
  while (!text.empty()) {
    const auto quote = std::ranges::find_if(kQuotes, [&](std::string_view one) { return text.starts_with(one); });
    const bool quoted = quote != std::end(kQuotes);
    result += quoted || is_ascii_punctuation(text[0]) ? ' ' : text[0];
    text.remove_prefix(quoted ? quote->size() : 1);
  }
  return result;
}

bool is_article(std::string_view word) { return word == "a" || word == "an" || word == "the"; }

// Replaces each article by a space. A word ends where \b of Python's re has it, so also at a mark or a dash.
std::string without_articles(std::string_view text) {
  std::string result;
  for (size_t begin = 0, end = 0; begin < text.size(); begin = end) {
    const auto is_of_word = [&](size_t at) { return text::is_word_character(text::first_character(text.substr(at))); };
    const bool word = is_of_word(begin);
    end = begin;
    while (end < text.size() && is_of_word(end) == word)
      end += text::utf8_size(text::first_character(text.substr(end)));
    const std::string_view run = text.substr(begin, end - begin);
    result += word && is_article(run) ? " " : run;
  }
  return result;
}

}  // namespace

std::string normalized_answer(std::string_view text, AnswerForm form) {
  const std::string lower = text::full_lower_case(text);
  const std::string spaced =
      without_articles(form == AnswerForm::squad ? without_punctuation(lower) : with_spaces_for_punctuation(lower));
  std::string result;
  for (const std::string_view word : text::split_at_white_space(spaced))
    result.append(result.empty() ? "" : " ").append(word);
  return result;
}

bool exact_match(std::string_view prediction, std::string_view reference, AnswerForm form) {
  return normalized_answer(prediction, form) == normalized_answer(reference, form);
}

double f1(std::string_view prediction, std::string_view reference, AnswerForm form) {
  const std::string one = normalized_answer(prediction, form), other = normalized_answer(reference, form);
  const auto predicted = text::split_at_white_space(one), wanted = text::split_at_white_space(other);
  std::unordered_map<std::string_view, int64_t> left;
  for (const std::string_view word : wanted) ++left[word];
  int64_t common = 0;
  for (const std::string_view word : predicted)
    if (const auto found = left.find(word); found != left.end() && found->second-- > 0) ++common;
  if (common == 0) return 0;
  const double precision = double(common) / double(predicted.size()), recall = double(common) / double(wanted.size());
  return 2 * precision * recall / (precision + recall);
}

}  // namespace kilm::metrics
