// The part of a long document that a prompt about a mention can hold, so that the rest of it costs nothing.
#pragma once

#include <cstdint>
#include <string_view>

namespace kilm::disambiguation {

inline constexpr int64_t kWindowSide = 64 << 10;  // bytes on each side: 1,024 tokens of 64 bytes

struct Window {
  std::string_view text;  // a part of the document
  int64_t begin, end;     // of the mention, bytes of this text
};

// Returns what is around the mention at [begin, end), bytes of the text: at least kWindowSide on each side, or all that
// there is. A cut is directly before a space that something else follows: there a tokenizer cuts, too, so both parts
// keep their tokens. A side without such a space stays whole.
Window window_around(std::string_view text, int64_t begin, int64_t end);

}  // namespace kilm::disambiguation
