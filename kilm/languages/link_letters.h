// Letters that stand outside of a link and belong to it: [[bus]]es. Which letters do depends on the language of the
// wiki. Quotation marks, which some wikis take along with them, stay outside of a mention here.
#pragma once

#include <string_view>
#include <vector>

namespace kilm::languages {

class LinkLetters {
 public:
  explicit LinkLetters(std::string_view language);  // as in Site; of one that is not known, and of "": a to z behind

  // Returns where the letters at `at` end, and the link with them.
  size_t trail_end(std::string_view text, size_t at) const;
  // Returns where the letters that end at `at` begin, and the link with them.
  size_t prefix_begin(std::string_view text, size_t at) const;

  struct Range {
    char32_t first, last;
  };
  using Alphabet = std::vector<Range>;  // rising

 private:
  const Alphabet &trail_, &prefix_;
};

}  // namespace kilm::languages
