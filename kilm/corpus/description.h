// What is worth training on: which descriptions say something, and which paragraphs are prose.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "kilm/corpus/sentence.h"  // first_sentence stands in where a description is missing
#include "kilm/corpus/wikitext.h"

namespace kilm {

// Descriptions that were meant as captions of an image come as pieces between bars, most of them layout. What the piece
// is that describes is seen from how rare it is: first count all descriptions, then ask for each.
class DescriptionFilter {
 public:
  void count(std::string_view description);
  void merge(const DescriptionFilter& other);
  // The description of the page `title`, trimmed; nothing if it says nothing.
  std::optional<std::string> choose(std::string_view title, std::string_view description) const;

 private:
  std::optional<std::string> rarest_piece(std::string_view title, std::string_view description) const;

  std::map<std::string, int64_t, std::less<>> pieces_;  // of descriptions with a bar only
};

// Whether a paragraph is worth keeping: not empty, no redirect, no names of files or addresses in it, not mostly line
// ends, no link to a list of a year in aviation. Whole documents may have line ends.
bool keep_paragraph(const Paragraph& paragraph, bool document_rule);

}  // namespace kilm
