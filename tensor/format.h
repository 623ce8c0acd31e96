// check() with formatted messages, and the formatters of the types that appear in them.
// Formatting is out of line: a file that includes this costs about a second less than with fmt/format.h.
// Never included by a header that a CUDA file sees (fmt 9.1 and nvcc disagree about C++20).
#pragma once

#include <fmt/core.h>

#include <string>
#include <utility>

#include "tensor/dtype.h"
#include "tensor/error.h"
#include "tensor/shape.h"
#include "tensor/storage.h"

namespace tensor {

std::string to_string(const Shape& shape);    // "[3, 5]"
std::string to_string(const Device& device);  // "cpu", "cuda:0"
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

}  // namespace tensor

template <>
struct fmt::formatter<tensor::Shape> : fmt::formatter<fmt::string_view> {
  fmt::appender format(const tensor::Shape& shape, fmt::format_context& context) const;
};

template <>
struct fmt::formatter<tensor::DType> : fmt::formatter<fmt::string_view> {
  fmt::appender format(tensor::DType dtype, fmt::format_context& context) const;
};

template <>
struct fmt::formatter<tensor::Device> : fmt::formatter<fmt::string_view> {
  fmt::appender format(const tensor::Device& device, fmt::format_context& context) const;
};
