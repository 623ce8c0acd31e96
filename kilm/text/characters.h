// What readers of text ask of a byte. They know ASCII only, whatever the locale is; each byte of another character of
// UTF-8 is_beyond_ascii.
#pragma once

#include <string_view>

namespace kilm::text {

inline constexpr size_t kNone = std::string_view::npos;  // what find() says when there is nothing

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_letter(char c) { return is_lower(c) || is_upper(c); }
constexpr bool is_beyond_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }
constexpr char to_lower(char c) { return is_upper(c) ? char(c - 'A' + 'a') : c; }

}  // namespace kilm::text
