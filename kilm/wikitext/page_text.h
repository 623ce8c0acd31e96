// The text of a page that is read with its brackets known: what stands where, and what comes next outside of brackets.
// Whoever looks at bytes counts them, so that reading ends on a page that was made to take for ever.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "kilm/wikitext/brackets.h"

namespace kilm::wikitext {

// Returns `text` without spaces, line ends and what marks an omission at both ends.
std::string_view trimmed(std::string_view text);

struct PageText {
  const std::string text;
  const Brackets brackets;
  int64_t work = 0;  // bytes looked at
  const int64_t work_limit;

  PageText(std::string page, Brackets pairs);

  // Tells whether so much was looked at that the rest of the page is given up.
  bool exhausted() const { return work > work_limit; }
  std::string_view view(size_t begin, size_t end) const { return std::string_view(text).substr(begin, end - begin); }
  // Tells whether `what` stands at `at`.
  bool at_text(size_t at, std::string_view what) const { return text.compare(at, what.size(), what) == 0; }
  // Tells whether nothing shares its line with what lies at [begin, end).
  bool alone_on_line(size_t begin, size_t end) const;

  // Returns the first `c` in [at, end) outside of brackets, or end; find_bar also finds the bar that {{!}} writes.
  size_t find(size_t at, size_t end, char c) { return find_either(at, end, c, c); }
  size_t find_bar(size_t at, size_t end);
  // Returns the first line end outside of brackets and tags, or the end of the text.
  size_t line_end(size_t at);
  // Returns where the line behind that end begins.
  size_t skip_line(size_t at);

 private:
  size_t find_either(size_t at, size_t end, char a, char b);
  size_t behind_tag(size_t at);
};

}  // namespace kilm::wikitext
