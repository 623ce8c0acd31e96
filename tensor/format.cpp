#include "tensor/format.h"

#include <fmt/format.h>

namespace tensor {

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (int i = 0; i < shape.rank(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

}  // namespace tensor

fmt::appender fmt::formatter<tensor::Shape>::format(const tensor::Shape& shape, fmt::format_context& context) const {
  return fmt::formatter<fmt::string_view>::format(tensor::to_string(shape), context);
}

fmt::appender fmt::formatter<tensor::DType>::format(tensor::DType dtype, fmt::format_context& context) const {
  return fmt::formatter<fmt::string_view>::format(tensor::name(dtype), context);
}

fmt::appender fmt::formatter<tensor::Device>::format(const tensor::Device& device, fmt::format_context& context) const {
  return fmt::formatter<fmt::string_view>::format(tensor::to_string(device), context);
}
