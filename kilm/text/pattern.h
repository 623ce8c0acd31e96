// Patterns, as those that answers to questions are checked by: the part of Python's re in which a match never asks what
// was matched before. They are found in either case, by Unicode's simple mapping. All ways that a match may go are
// followed at once (Thompson 1968), so time is linear in the text whatever the pattern is.
//   . [a-z] [^a-z]  \d \w \s \b \D \W \S \B  \n \t \r \f \v \a \xhh \uhhhh  ^ $  (a) (?:a) a|b  a* a+ a? a{2} a{2,}
//   a{2,3}
// A ? behind a quantifier is read and changes nothing: it is asked whether there is a match, not which. Groups that
// look around, have names or flags, and references to groups are refused.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace kilm::text {

class Pattern {
 public:
  // Takes a pattern in UTF-8, of at most 4,096 bytes. Throws Error, which names byte and reason.
  explicit Pattern(std::string_view pattern);

  bool is_found_in(std::string_view text) const;

  struct Characters {
    std::vector<std::pair<char32_t, char32_t>> ranges;  // first and last, rising, with gaps between
    std::vector<char> kinds;                            // d, w, s, and D, W, S for what is none of these
    bool negated = false;
  };
  enum class Kind : uint8_t { one_of, split, begin, end, edge, no_edge, match };
  struct State {
    Kind kind;
    uint32_t next = 0;        // behind what the state takes
    uint32_t other = 0;       // of split: the other way to go on
    uint32_t characters = 0;  // of one_of: which it takes
  };

 private:
  struct Place;
  class Ways;

  std::vector<State> states_;
  std::vector<Characters> characters_;
  uint32_t first_ = 0;
};

}  // namespace kilm::text
