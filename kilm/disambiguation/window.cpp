#include "kilm/disambiguation/window.h"

#include "kilm/text/unicode.h"

namespace kilm::disambiguation {

namespace {

// Tells whether the text may be cut before this byte.
bool is_cut(std::string_view text, int64_t at) {
  const std::string_view rest = text.substr(size_t(at));
  return rest.size() > 1 && rest[0] == ' ' && !text::is_white_space(text::first_character(rest.substr(1)));
}

}  // namespace

Window window_around(std::string_view text, int64_t begin, int64_t end) {
  const auto size = int64_t(text.size());
  int64_t left = begin - kWindowSide, right = end + kWindowSide;
  while (left > 0 && !is_cut(text, left)) --left;
  while (right < size && !is_cut(text, right)) ++right;
  if (left < 0) left = 0;
  if (right > size) right = size;
  return {text.substr(size_t(left), size_t(right - left)), begin - left, end - left};
}

}  // namespace kilm::disambiguation
