#include "kilm/tokenizer/train.h"

#include <algorithm>
#include <limits>

#include "kilm/tokenizer/bytes.h"
#include "kilm/tokenizer/pre_tokenize.h"
#include "tensor/base/format.h"

namespace kilm::tokenizer {

namespace {

using Words = std::unordered_map<std::string, int64_t>;

// Every distinct word once, its symbols in one array; a symbol stands at its first byte and knows its neighbours. A
// pair keeps the places where it occurs, so that a merge costs as much as it changes, however long the words are.
class Learner {
 public:
  explicit Learner(const Words& words);

  // Merges the most frequent pair. False when no pair occurs any more.
  bool step();

  const std::vector<std::string>& pieces() const { return pieces_; }  // printable, by id: bytes, then the learnt ones
  std::vector<Merge> merges() const;

 private:
  struct Symbol {
    int32_t id;              // -1: it was merged into the symbol on its left
    int32_t previous, next;  // -1: the word ends
    int32_t word;
  };
  struct Candidate {
    int64_t count;                // when it was put on the heap
    uint64_t pair;                // left id << 32 | right id
    std::vector<int32_t> places;  // where the left symbol stands
    bool operator<(const Candidate& other) const {
      return count != other.count ? count < other.count : pair > other.pair;
    }
  };

  static uint64_t pair_of(int32_t left, int32_t right) { return uint64_t(uint32_t(left)) << 32 | uint32_t(right); }
  static int32_t left_of(uint64_t pair) { return int32_t(pair >> 32); }
  static int32_t right_of(uint64_t pair) { return int32_t(pair); }

  void push(Candidate candidate);
  Candidate pop();
  int32_t piece_of(uint64_t pair);
  void merge_at(int32_t place, int32_t piece);
  void count(int32_t left, int64_t sign, bool is_new);
  void push_new_pairs();

  std::vector<std::string> pieces_;
  std::unordered_map<std::string, int32_t> ids_;
  std::vector<uint64_t> merged_;  // pairs in the order of their merges
  std::vector<Symbol> symbols_;
  std::vector<int64_t> weights_;  // how often a word occurs
  std::unordered_map<uint64_t, int64_t> counts_;
  std::unordered_map<uint64_t, std::vector<int32_t>> new_places_;  // of the pairs that the current step makes
  std::vector<Candidate> heap_;
};

Learner::Learner(const Words& words) {
  std::vector<int32_t> id_of_byte(256);
  for (const uint8_t byte : bytes_by_printable()) {
    id_of_byte[byte] = int32_t(pieces_.size());
    pieces_.push_back(printable(byte));
    ids_[pieces_.back()] = id_of_byte[byte];
  }
  size_t bytes = 0;
  for (const auto& [word, weight] : words) bytes += word.size();
  base::check(bytes <= size_t(std::numeric_limits<int32_t>::max()),
              "tokenizer train: the distinct words have {} bytes; they should have less than 2^31", bytes);
  symbols_.reserve(bytes);
  for (const auto& [word, weight] : words) {
    const int32_t begin = int32_t(symbols_.size()), end = begin + int32_t(word.size());
    for (int32_t i = begin; i < end; ++i)
      symbols_.push_back({id_of_byte[uint8_t(word[size_t(i - begin)])], i > begin ? i - 1 : -1,
                          i + 1 < end ? i + 1 : -1, int32_t(weights_.size())});
    weights_.push_back(weight);
    for (int32_t i = begin; i < end; ++i) count(i, 1, true);
  }
  push_new_pairs();
}

void Learner::push(Candidate candidate) {
  heap_.push_back(std::move(candidate));
  std::push_heap(heap_.begin(), heap_.end());
}

Learner::Candidate Learner::pop() {
  std::pop_heap(heap_.begin(), heap_.end());
  Candidate top = std::move(heap_.back());
  heap_.pop_back();
  return top;
}

// Returns the piece of a pair. Two may spell the same, "ab" "c" and "a" "bc": it is one piece with two merges.
int32_t Learner::piece_of(uint64_t pair) {
  const std::string piece = pieces_[size_t(left_of(pair))] + pieces_[size_t(right_of(pair))];
  const auto [found, added] = ids_.emplace(piece, int32_t(pieces_.size()));
  if (added) pieces_.push_back(piece);
  return found->second;
}

// Counts the pair of `left` and its neighbour, if it has one, once more or once less per occurrence of the word.
void Learner::count(int32_t left, int64_t sign, bool is_new) {
  if (left < 0 || symbols_[size_t(left)].next < 0) return;
  const Symbol& symbol = symbols_[size_t(left)];
  const uint64_t pair = pair_of(symbol.id, symbols_[size_t(symbol.next)].id);
  counts_[pair] += sign * weights_[size_t(symbol.word)];
  if (is_new) new_places_[pair].push_back(left);
}

void Learner::merge_at(int32_t place, int32_t piece) {
  Symbol& left = symbols_[size_t(place)];
  Symbol& right = symbols_[size_t(left.next)];
  count(left.previous, -1, false);
  count(left.next, -1, false);
  left.id = piece;
  left.next = right.next;
  if (right.next >= 0) symbols_[size_t(right.next)].previous = place;
  right.id = -1;
  count(left.previous, 1, true);
  count(place, 1, true);
}

void Learner::push_new_pairs() {
  for (auto& [pair, places] : new_places_)
    if (const int64_t count = counts_[pair]; count > 0) push({count, pair, std::move(places)});
  new_places_.clear();
}

bool Learner::step() {
  Candidate top;
  for (;;) {
    if (heap_.empty()) return false;
    top = pop();
    const int64_t now = counts_[top.pair];  // merges of other pairs may have taken some
    if (now == top.count) break;
    top.count = now;
    if (now > 0) push(std::move(top));
  }
  const int32_t piece = piece_of(top.pair);
  merged_.push_back(top.pair);
  std::sort(top.places.begin(), top.places.end());  // "aaa" is "aa" "a"
  for (const int32_t place : top.places) {
    const Symbol& left = symbols_[size_t(place)];
    if (left.id == left_of(top.pair) && left.next >= 0 && symbols_[size_t(left.next)].id == right_of(top.pair))
      merge_at(place, piece);
  }
  push_new_pairs();
  return true;
}

// Returns the merges in their order. A pair that was merged can come back when another merge spells one of its pieces
// anew. Its later merge counts, as in Hugging Face's trainer.
std::vector<Merge> Learner::merges() const {
  std::unordered_map<uint64_t, size_t> last;
  for (size_t i = 0; i < merged_.size(); ++i) last[merged_[i]] = i;
  std::vector<Merge> merges;
  for (size_t i = 0; i < merged_.size(); ++i)
    if (const uint64_t pair = merged_[i]; last[pair] == i)
      merges.push_back({pieces_[size_t(left_of(pair))], pieces_[size_t(right_of(pair))]});
  return merges;
}

}  // namespace

void TokenizerTrainer::add(std::string_view text) {
  for_words(text, [&](std::string_view word) { ++words_[std::string(word)]; });
}

Tokenizer TokenizerTrainer::train(int64_t vocab_size) const {
  constexpr int64_t kSpecials = 5, kLeast = 256 + kSpecials, kMost = std::numeric_limits<int32_t>::max();
  base::check<base::UsageError>(vocab_size >= kLeast,
                                "vocab size: {} should be at least {}, for the bytes and the special tokens",
                                vocab_size, kLeast);
  base::check<base::UsageError>(vocab_size <= kMost, "vocab size: {} should be at most {}", vocab_size, kMost);
  base::check(!words_.empty(), "tokenizer train: the texts are empty");
  Learner learner(words_);
  while (int64_t(learner.pieces().size()) + kSpecials < vocab_size && learner.step()) {
  }
  std::vector<std::string> vocabulary = {"<s>", "<pad>", "</s>", "<unk>"};
  vocabulary.insert(vocabulary.end(), learner.pieces().begin(), learner.pieces().end());
  vocabulary.push_back("<mask>");
  return Tokenizer(std::move(vocabulary), learner.merges());
}

}  // namespace kilm::tokenizer
