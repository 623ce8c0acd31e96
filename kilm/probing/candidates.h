// The words that a cloze's object is looked for among, with their tokens.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "kilm/tokenizer/tokenizer.h"

namespace kilm::probing {

// Words with the tokens that they have behind a sentence's left part. Those of one token need a row of logits for all
// of them together, longer ones a tree of their own.
struct CandidateTokens {
  struct Single {
    size_t word;
    int32_t token;
  };
  struct Longer {
    size_t word;
    std::vector<int32_t> tokens;  // two at least
  };
  std::vector<Single> single;
  std::vector<Longer> longer;
  int64_t longest = 0;  // tokens of a word

  const Longer* find_longer(size_t word) const;  // null if it has one token
};

// Candidates, each word once.
class Candidates {
 public:
  explicit Candidates(std::string source = {}) : source_(std::move(source)) {}  // the file that has the words

  // Adds a word, which is not empty, behind the others. A word that is there already stays where it is.
  void add(std::string_view word);
  // Finds the tokens of all words. Nothing is added any more.
  void tokenize(const tokenizer::Tokenizer& tokenizer);

  size_t size() const { return words_.size(); }
  const std::string& word(size_t i) const { return words_[i]; }
  std::optional<size_t> find(const std::string& word) const;
  // Returns tokens of the words with a space in front of each, or without.
  const CandidateTokens& tokens(bool space) const { return space ? behind_space_ : plain_; }
  int64_t longest() const { return std::max(behind_space_.longest, plain_.longest); }  // tokens of a word, either way
  int64_t longest(const std::string& word) const;                                      // the same of this candidate
  const std::string& source() const { return source_; }

 private:
  std::string source_;
  std::vector<std::string> words_;
  std::unordered_map<std::string, size_t> places_;
  CandidateTokens behind_space_, plain_;
};

// Reads candidates, a word a line. Throws DamagedInput that names the line for an empty one and for one that is no
// UTF-8, and for a file without a line. Lines may end as in Windows.
Candidates read_candidates(const std::string& path);

}  // namespace kilm::probing
