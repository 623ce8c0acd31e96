#include "kilm/metrics/bleu.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "kilm/metrics/ngrams.h"
#include "kilm/text/characters.h"
#include "kilm/text/unicode.h"

namespace kilm::metrics {

namespace {

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  for (size_t at; (at = text.find(from)) != std::string_view::npos; text.remove_prefix(at + from.size()))
    out.append(text.substr(0, at)).append(to);
  return out.append(text);
}

std::string_view without_space_behind(std::string_view text) {
  while (!text.empty() && text::is_white_space(text::last_character(text)))
    text.remove_suffix(text::utf8_size(text::last_character(text)));
  return text;
}

// Tells whether the character is a token wherever it stands: ASCII's signs but for ' , - and the full stop.
bool is_sign(char c) {
  return (c >= '!' && c <= '&') || (c >= '(' && c <= '+') || c == '/' || (c >= ':' && c <= '@') ||
         (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

bool is_stop(char c) { return c == '.' || c == ','; }

// Goes over the text from left to right, two characters at a time: where is_pair(a, b), they are replaced by
// put(out, a, b), and the next pair begins behind both. So it is with a regular expression.
template <class IsPair, class Put>
std::string replace_pairs(const std::string& text, IsPair is_pair, Put put) {
  std::string out;
  size_t at = 0;
  while (at < text.size()) {
    if (at + 1 < text.size() && is_pair(text[at], text[at + 1])) {
      put(out, text[at], text[at + 1]);
      at += 2;
    } else {
      out += text[at++];
    }
  }
  return out;
}

void put_second_apart(std::string& out, char a, char b) { out.append(1, a).append(1, ' ').append(1, b).append(1, ' '); }
void put_first_apart(std::string& out, char a, char b) { out.append(1, ' ').append(1, a).append(1, ' ').append(1, b); }

std::string with_signs_apart(std::string_view text) {
  std::string out = " ";
  for (const char c : text) {
    if (is_sign(c))
      out.append(1, ' ').append(1, c).append(1, ' ');
    else
      out += c;
  }
  return out + " ";
}

}  // namespace

std::vector<std::string> bleu_tokens(std::string_view text) {
  std::string line(without_space_behind(text));
  constexpr std::pair<std::string_view, std::string_view> kReplaced[] = {
      {"<skipped>", ""}, {"-\n", ""}, {"\n", " "}, {"&quot;", "\""}, {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}};
  for (const auto& [from, to] : kReplaced) line = replaced(line, from, to);
  line = with_signs_apart(line);
  // A stop is a token unless it stands behind a digit and before one, a dash if it stands behind a digit.
  line = replace_pairs(
      line, [](char a, char b) { return !text::is_digit(a) && is_stop(b); }, put_second_apart);
  line = replace_pairs(
      line, [](char a, char b) { return is_stop(a) && !text::is_digit(b); }, put_first_apart);
  line = replace_pairs(
      line, [](char a, char b) { return text::is_digit(a) && b == '-'; }, put_second_apart);
  const std::vector<std::string_view> words = text::split_at_white_space(line);
  return {words.begin(), words.end()};
}

void BleuCounts::add(const BleuCounts& other, int64_t times) {
  prediction += times * other.prediction;
  reference += times * other.reference;
  for (size_t i = 0; i < kOrders; ++i) {
    right[i] += times * other.right[i];
    all[i] += times * other.all[i];
  }
}

double BleuCounts::value() const {
  if (std::all_of(right.begin(), right.end(), [](int64_t n) { return n == 0; })) return 0;
  double logarithms = 0, smoothing = 1;
  for (size_t i = 0; i < kOrders; ++i) {
    if (all[i] == 0) return 0;
    if (right[i] == 0) smoothing *= 2;
    logarithms += std::log(100 * (right[i] == 0 ? 1 / smoothing : double(right[i])) / double(all[i]));
  }
  const double brevity = prediction < reference ? std::exp(1 - double(reference) / double(prediction)) : 1;
  return brevity * std::exp(logarithms / kOrders);
}

BleuCounts bleu_counts(std::string_view prediction, std::span<const std::string> references) {
  const std::vector<std::string> tokens = bleu_tokens(prediction);
  std::vector<std::vector<std::string>> wanted;
  for (const std::string& reference : references) wanted.push_back(bleu_tokens(reference));
  const auto distance = [&](const auto& reference) {
    return std::pair(std::abs(int64_t(reference.size()) - int64_t(tokens.size())), reference.size());
  };
  const auto nearest = std::min_element(wanted.begin(), wanted.end(),
                                        [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
  BleuCounts counts;
  counts.prediction = int64_t(tokens.size());
  counts.reference = int64_t(nearest->size());
  for (size_t n = 1; n <= BleuCounts::kOrders; ++n) {
    NgramCounts most;
    for (const auto& reference : wanted)
      for (const auto& [run, count] : count_ngrams(reference, n)) most[run] = std::max(most[run], count);
    counts.right[n - 1] = common(count_ngrams(tokens, n), most);
    counts.all[n - 1] = std::max<int64_t>(0, int64_t(tokens.size()) - int64_t(n) + 1);
  }
  return counts;
}

}  // namespace kilm::metrics
