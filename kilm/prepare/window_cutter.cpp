#include "kilm/prepare/window_cutter.h"

#include <algorithm>

#include "kilm/tokenizer/pre_tokenize.h"
#include "tensor/base/format.h"

namespace kilm::prepare {

namespace {

constexpr std::string_view kSpace = " \t\n\r\f\v";

bool is_space(char c) { return kSpace.find(c) != std::string_view::npos; }

// Tells whether `at` lies between the first and the last byte of a link; links are in the order of the text.
bool inside_link(size_t at, std::span<const dataset::StoredLink> links) {
  const auto behind = std::lower_bound(links.begin(), links.end(), at,
                                       [](const dataset::StoredLink& l, size_t place) { return l.begin < place; });
  return behind != links.begin() && at < (behind - 1)->end;
}

}  // namespace

WindowCutter::WindowCutter(const tokenizer::Tokenizer& tokenizer, int64_t max_length)
    : tokenizer_(tokenizer), budget_(max_length - 2 - kKnowledgeReserve) {
  base::check<base::UsageError>(max_length >= kMinMaxLength, "max length {} should be at least {}", max_length,
                                kMinMaxLength);
}

// Counts tokens as the objective does: a segment that does not begin with a space gets one.
int64_t WindowCutter::tokens(std::string_view text) const {
  return int64_t(tokenizer_.encode(text, {.prefix_space = true}).size());
}

std::vector<WindowCutter::Word> WindowCutter::words(std::string_view text) const {
  std::vector<Word> result;
  size_t begin = 0;
  tokenizer::for_words(text, [&](std::string_view word) {
    result.push_back({begin, begin + word.size(), int64_t(tokenizer_.encode(word).size())});
    begin += word.size();
  });
  return result;
}

// Returns where to end a window in a text without a place to cut at. It is the largest whole number of characters that
// fits, found by halving, and one at least.
size_t WindowCutter::cut_run(std::string_view text) const {
  const auto boundary = [&](size_t at) {
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
    return at;
  };
  size_t fits = boundary(1), too_long = std::min(text.size(), size_t(budget_) * 16);
  while (boundary(fits + 1) < too_long) {
    const size_t middle = boundary(std::max(fits + 1, (fits + too_long) / 2));
    if (middle >= too_long) break;
    if (tokens(text.substr(0, middle)) <= budget_)
      fits = middle;
    else
      too_long = middle;
  }
  return fits;
}

std::vector<dataset::TextRange> WindowCutter::cut(std::string_view text,
                                                  std::span<const dataset::StoredLink> links) const {
  std::vector<dataset::TextRange> windows;
  const auto add = [&](size_t begin, size_t end) {
    while (begin < end && is_space(text[begin])) ++begin;
    while (begin < end && is_space(text[end - 1])) --end;
    if (begin < end) windows.push_back({uint32_t(begin), uint32_t(end)});
  };
  // A byte makes one token at most, the space before the text one more.
  if (int64_t(text.size()) < budget_ || tokens(text) <= budget_) {
    add(0, text.size());
    return windows;
  }
  std::vector<Word> all = words(text);
  size_t begin = 0;  // of the window, which starts with word `first`
  for (size_t first = 0; first < all.size();) {
    if (!is_space(text[begin])) all[first].tokens = tokens(text.substr(begin, all[first].end - begin));
    size_t place = first, next = first;
    for (int64_t used = 0; next < all.size(); used += all[next++].tokens) {
      const size_t at = all[next].begin;
      if (next > first && is_space(text[at]) && !inside_link(at, links)) place = next;
      if (used + all[next].tokens > budget_) break;
    }
    size_t end = text.size();
    if (next == all.size()) {
      first = next;
    } else if (place > first) {
      first = place;
      end = all[place].begin;
    } else {
      end = begin + cut_run(text.substr(begin));
      while (first < all.size() && all[first].end <= end) ++first;
      if (first < all.size()) all[first].begin = end;
    }
    add(begin, end);
    begin = end;
  }
  return windows;
}

}  // namespace kilm::prepare
