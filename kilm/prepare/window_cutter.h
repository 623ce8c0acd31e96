// Cuts a paragraph into windows that fit the model (docs/objective.md, Windows and lengths). They are as long as
// possible in tokens, end at white space, and never inside of a link. Room stays free for one mention's knowledge.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "kilm/dataset/shard.h"
#include "kilm/tokenizer/tokenizer.h"

namespace kilm::prepare {

inline constexpr int64_t kKnowledgeReserve = 64;  // tokens: title, description, five markers
inline constexpr int64_t kMinMaxLength = kKnowledgeReserve + 32;

class WindowCutter {
 public:
  // Cuts windows of max_length, which counts <s>, </s> and the reserve. Throws UsageError below kMinMaxLength.
  WindowCutter(const tokenizer::Tokenizer& tokenizer, int64_t max_length);

  // Returns windows without white space at their ends; together they are the text. Two kinds of link can be cut: one
  // longer than a window, and one in a run without a space that is.
  std::vector<dataset::TextRange> cut(std::string_view text, std::span<const dataset::StoredLink> links) const;

 private:
  struct Word {
    size_t begin, end;
    int64_t tokens;
  };
  int64_t tokens(std::string_view text) const;
  std::vector<Word> words(std::string_view text) const;
  size_t cut_run(std::string_view text) const;

  const tokenizer::Tokenizer& tokenizer_;
  int64_t budget_;
};

}  // namespace kilm::prepare
