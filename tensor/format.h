// Shapes, dtypes and devices in messages of check(): their formatters.
#pragma once

#include <fmt/core.h>

#include <string>

#include "tensor/base/format.h"
#include "tensor/device.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace tensor {

std::string to_string(const Shape& shape);  // "[3, 5]"

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
