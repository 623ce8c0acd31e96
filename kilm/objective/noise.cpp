#include "kilm/objective/noise.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace kilm::objective {

namespace {

std::vector<size_t> shuffled(size_t n, Draws& draws) {
  std::vector<size_t> order(n);
  std::iota(order.begin(), order.end(), size_t(0));
  for (size_t i = n; i > 1; --i) std::swap(order[i - 1], order[size_t(draws.below(int64_t(i)))]);
  return order;
}

// Places spans among the maskable positions of one sequence until exactly `budget` of them are hidden.
class SpanMasker {
 public:
  SpanMasker(const std::vector<bool>& maskable, std::vector<bool>& hidden, Draws draws)
      : maskable_(maskable), hidden_(hidden), draws_(draws) {
    for (size_t i = 0; i < maskable.size(); ++i)
      if (maskable[i]) positions_.push_back(i);
  }

  // Returns the number of spans of length zero.
  int64_t run(double rate, double lambda) {
    int64_t budget = int64_t(std::ceil(rate * double(positions_.size()))), empty = 0;
    while (budget > 0) {
      const int64_t length = std::min(draws_.poisson(lambda), budget);
      if (length > 0)
        budget -= place(length);
      else
        ++empty;
    }
    return empty;
  }

 private:
  static constexpr int kTries = 16;

  // Hides a span of `length`, or of what fits best among some random starts; returns how many were hidden, at least 1.
  int64_t place(int64_t length) {
    size_t best = 0;
    int64_t best_room = 0;
    for (int i = 0; i < kTries && best_room < length; ++i) {
      const size_t start = positions_[size_t(draws_.below(int64_t(positions_.size())))];
      const int64_t room = room_at(start, length);
      if (room > best_room) {
        best = start;
        best_room = room;
      }
    }
    // Every try met a hidden position: take the first free one behind the last try.
    if (best_room == 0) {
      best = next_free(size_t(draws_.below(int64_t(positions_.size()))));
      best_room = room_at(best, length);
    }
    for (int64_t i = 0; i < best_room; ++i) hidden_[best + size_t(i)] = true;
    return best_room;
  }

  // Returns how far a span from `start` reaches: over maskable positions only, and over no other span.
  int64_t room_at(size_t start, int64_t length) const {
    int64_t n = 0;
    while (n < length && start + size_t(n) < maskable_.size() && maskable_[start + size_t(n)] &&
           !hidden_[start + size_t(n)])
      ++n;
    return n;
  }

  size_t next_free(size_t index) const {
    while (hidden_[positions_[index]]) index = (index + 1) % positions_.size();
    return positions_[index];
  }

  const std::vector<bool>& maskable_;
  std::vector<bool>& hidden_;
  Draws draws_;
  std::vector<size_t> positions_;
};

}  // namespace

std::vector<size_t> permute_sentences(const std::vector<bool>& starts, double share, Draws draws) {
  const size_t last = starts.size() - 1;
  std::vector<size_t> begins = {1};  // of the sentences, and the end of the last one
  for (size_t i = 2; i < last; ++i)
    if (starts[i]) begins.push_back(i);
  const size_t sentences = begins.size();
  begins.push_back(last);
  std::vector<size_t> chosen = shuffled(sentences, draws);
  chosen.resize(size_t(std::ceil(share * double(sentences))));
  const std::vector<size_t> to = shuffled(chosen.size(), draws);
  std::vector<size_t> at(sentences);
  std::iota(at.begin(), at.end(), size_t(0));
  for (size_t i = 0; i < chosen.size(); ++i) at[chosen[i]] = chosen[to[i]];
  std::vector<size_t> order = {0};
  for (const size_t sentence : at)
    for (size_t i = begins[sentence]; i < begins[sentence + 1]; ++i) order.push_back(i);
  order.push_back(last);
  return order;
}

int64_t hide_spans(std::vector<bool>& hidden, const std::vector<bool>& maskable, double rate, double lambda,
                   Draws draws) {
  return SpanMasker(maskable, hidden, draws).run(rate, lambda);
}

std::vector<int64_t> insert_masks(const std::vector<bool>& hidden, const std::vector<bool>& maskable, int64_t count,
                                  Draws draws) {
  std::vector<int64_t> inserted(hidden.size());
  std::vector<size_t> places;
  for (size_t i = 0; i < hidden.size(); ++i)
    if (maskable[i] && !hidden[i]) places.push_back(i);
  for (int64_t i = 0; i < count && !places.empty(); ++i)
    ++inserted[places[size_t(draws.below(int64_t(places.size())))]];
  return inserted;
}

}  // namespace kilm::objective
