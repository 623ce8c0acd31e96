// check() with formatted messages. Formatting is out of line: a file that includes this costs about a second less than
// with fmt/format.h. Never included by a header that a CUDA file sees (fmt 9.1 and nvcc disagree about C++20).
#pragma once

#include <fmt/core.h>

#include <string>

#include "tensor/base/error.h"

namespace base {

std::string format_message(fmt::string_view format, fmt::format_args args);

template <class... Args>
std::string format(fmt::format_string<Args...> text, Args&&... args) {
  return format_message(text, fmt::make_format_args(args...));
}

// Throws E with the formatted message unless the condition holds.
template <class E = Error, class... Args>
void check(bool condition, fmt::format_string<Args...> text, Args&&... args) {
  if (!condition) [[unlikely]]
    throw E(format_message(text, fmt::make_format_args(args...)));
}

}  // namespace base
