// What a bag of words would choose: the candidate whose training paragraphs are nearest to the mention's text by TF-IDF
// (retrieval/index.h). A model that says no more than this has learnt which words go together, and nothing else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "kilm/evaluation/readers/mentions.h"
#include "kilm/retrieval/index.h"

namespace kilm::disambiguation {

class Contexts {
 public:
  // Reads paragraphs with links, as `kilm inspect DATA --split S --json` prints them, one a line. Memory holds their
  // n-grams as numbers. Throws DamagedInput that names the line.
  explicit Contexts(const std::string& path);

  // Returns the place of the candidate that has the best paragraph among those with a link to it; of equal ones, and
  // where none has a word of the text, the earlier. Nothing if there is no candidate.
  std::optional<size_t> nearest(const evaluation::MentionItem& mention) const;

 private:
  std::unordered_map<std::string, std::vector<int64_t>> paragraphs_;  // that link to a title
  retrieval::Index index_;
};

}  // namespace kilm::disambiguation
