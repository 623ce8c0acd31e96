// A line of source code, for reports. clang 14 has no std::source_location.
#pragma once

#include <string>
#include <string_view>

namespace cuda_emulation {

// Compares two literals, which are often one.
inline bool same_text(const char* a, const char* b) { return a == b || std::string_view(a) == b; }

struct Location {
  const char* file = "";
  int line = 0;

  // Returns, as a default argument of a function, the line of that function's caller.
  static constexpr Location current(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return {file, line};
  }

  bool operator==(const Location& other) const { return line == other.line && same_text(file, other.file); }
};

inline std::string to_string(const Location& where) {
  return std::string(where.file) + ":" + std::to_string(where.line);
}

}  // namespace cuda_emulation
